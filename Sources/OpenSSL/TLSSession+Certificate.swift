import COpenSSL
import Glibc

extension TLSSession {
  /// Connects to a server, checks its certificate, and closes the connection.
  /// - Parameters:
  ///   - host: The name or the address of the server.
  ///   - authorities: A file with the certificates of trusted authorities; `nil` for those of the system.
  ///   - seconds: Time limit of each step.
  /// - Returns: The end of the certificate, in seconds since 1970.
  /// - Throws: `Failure`.
  package static func certificateEnd(
    host: String, port: Int, authorities: String?, seconds: Int
  ) throws(Failure) -> Int64 {
    let socket = try connect(to: host, port: port, seconds: seconds)
    defer { close(socket) }
    let session = try TLSSession(authorities: authorities)
    try session.connect(socket: socket, host: host)
    return try session.certificateEnd()
  }

  private func certificateEnd() throws(Failure) -> Int64 {
    guard let certificate = SSL_get1_peer_certificate(session) else {
      throw Failure(description: "the server has no certificate")
    }
    defer { X509_free(certificate) }
    var date = tm()
    guard ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &date) == 1 else {
      throw Failure(description: "its certificate has no end")
    }
    return Int64(timegm(&date))
  }

  private static func connect(to host: String, port: Int, seconds: Int) throws(Failure) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0, let list else {
      throw Failure(description: "the name \(host) is unknown")
    }
    defer { freeaddrinfo(list) }
    var next: UnsafeMutablePointer<addrinfo>? = list
    while let entry = next?.pointee {
      let descriptor = socket(entry.ai_family, entry.ai_socktype, entry.ai_protocol)
      if descriptor >= 0 {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // The limit of sending is that of connecting, too.
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        if Glibc.connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 { return descriptor }
        close(descriptor)
      }
      next = entry.ai_next
    }
    throw Failure(description: "\(host) does not accept connections on port \(port)")
  }
}
