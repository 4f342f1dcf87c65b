import Foundation

/// A server with TLS, which answers every request with an empty list.
final class TLSServer {
  let port: Int
  private let process: Process

  /// The programs that are missing here; `nil` when all are there.
  static var missing: String? {
    let missing = ["/usr/bin/openssl", "/usr/bin/python3"].filter {
      !FileManager.default.isExecutableFile(atPath: $0)
    }
    return missing.isEmpty ? nil : missing.joined(separator: ", ")
  }

  /// - Parameter name: A certificate of `makeCertificates`; `nil` for a server without TLS, which refuses every request.
  init(_ name: String?, in folder: String) throws {
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    let files = name.map { ["\(folder)/\($0).pem", "\(folder)/\($0).key"] } ?? []
    process.arguments = ["-c", Self.program] + files
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      process.terminate()
      throw CocoaError(.executableLoad)
    }
    self.port = port
  }

  deinit { process.terminate() }

  /// Makes `ca.pem`, the certificate of an authority, `stranger.pem`, that of another one, and certificates that `ca.pem`
  /// signed: `good`, `expired`, `early` (not valid yet), and `other` (for another host).
  static func makeCertificates(in folder: String) async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", certificates]
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    // Without blocking a thread of the pool, of which there are as many as processors.
    try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in ended.resume() }
      do { try process.run() } catch { ended.resume(throwing: error) }
    }
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }

  private static let certificates = #"""
    set -e
    key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    for name in ca stranger; do openssl req -x509 $key -days 2 -subj "/CN=Test $name" -keyout $name.key -out $name.pem; done
    touch index
    leaf() { # name, host, first day, last day
      openssl req $key -subj "/CN=$1" -keyout $1.key -out $1.csr
      cat >$1.cnf <<END
    [ca]
    default_ca = authority
    [authority]
    database = index
    new_certs_dir = .
    default_md = sha256
    rand_serial = yes
    policy = policy
    x509_extensions = extensions
    [policy]
    commonName = supplied
    [extensions]
    subjectAltName = $2
    END
      openssl ca -batch -notext -config $1.cnf -cert ca.pem -keyfile ca.key -startdate $3 -enddate $4 -in $1.csr -out $1.pem
    }
    leaf good IP:127.0.0.1 20200101000000Z 20990101000000Z
    leaf expired IP:127.0.0.1 20200101000000Z 20210101000000Z
    leaf early IP:127.0.0.1 20980101000000Z 20990101000000Z
    leaf other DNS:other.example.org 20200101000000Z 20990101000000Z
    mkdir folder
    cp ca.pem folder
    openssl rehash folder
    """#

  private static let program = #"""
    import http.server, socket, ssl, sys

    if len(sys.argv) == 1:
      server = socket.create_server(("127.0.0.1", 0))
      print(server.getsockname()[1], flush=True)
      while True:
        connection, _ = server.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.close()

    class Handler(http.server.BaseHTTPRequestHandler):
      def do_GET(self):
        self.send_response(200)
        body = b'{"items": []}'
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_port, flush=True)
    server.serve_forever()
    """#
}
