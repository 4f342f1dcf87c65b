import COpenSSL

/// The client's end of TLS over a connected, blocking socket, for one thread. The certificate of the server must be of a
/// trusted authority and for its host.
package final class TLSSession {
  private let context: OpaquePointer
  let session: OpaquePointer

  /// Thrown when the server cannot be trusted, or the connection broke.
  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// Maximum size of a record.
  private static let recordLength = 16_384

  /// Makes a session; `connect` begins it.
  /// - Parameters:
  ///   - authorities: A file with the certificates of trusted authorities; `nil` for those of the system.
  /// - Throws: `Failure`.
  package init(authorities: String?) throws(Failure) {
    guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failure(description: "no memory") }
    guard tls_require_12(context) == 1,
      authorities.map({ SSL_CTX_load_verify_locations(context, $0, nil) })
        ?? SSL_CTX_set_default_verify_paths(context) == 1,
      let session = SSL_new(context)
    else {
      let failure = Self.failure("the certificates of the trusted authorities cannot be read")
      SSL_CTX_free(context)
      throw failure
    }
    (self.context, self.session) = (context, session)
  }

  deinit {
    SSL_free(session)
    SSL_CTX_free(context)
  }

  /// Agrees on keys with the server, and checks its certificate.
  /// - Parameters:
  ///   - socket: The socket. Its time limits apply; it stays open.
  ///   - host: The name or the address of the server.
  /// - Throws: `Failure`.
  package func connect(socket: Int32, host: String) throws(Failure) {
    SSL_set_verify(session, SSL_VERIFY_PEER, nil)
    // An address is compared with the addresses of the certificate, a name with its names.
    let isAddress = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1
    guard isAddress || (SSL_set1_host(session, host) == 1 && tls_name_server(session, host) == 1),
      SSL_set_fd(session, socket) == 1
    else { throw Self.failure("the host is not valid") }
    ERR_clear_error()
    guard SSL_connect(session) != 1 else { return }
    let check = SSL_get_verify_result(session)
    guard check == Int(X509_V_OK) else {
      throw Failure(
        description: "its certificate is refused: \(String(cString: X509_verify_cert_error_string(check)))")
    }
    throw Self.failure("TLS could not begin")
  }

  /// Sends bytes.
  /// - Throws: `Failure` when the connection broke, or a time limit passed.
  package func write(_ bytes: [UInt8]) throws(Failure) {
    guard !bytes.isEmpty else { return }
    ERR_clear_error()
    guard SSL_write(session, bytes, Int32(bytes.count)) == Int32(bytes.count) else {
      throw Self.failure("the connection broke")
    }
  }

  /// Returns the next bytes; waits for at least one.
  /// - Throws: `Failure` when the connection broke or ended, or a time limit passed.
  package func read() throws(Failure) -> [UInt8] {
    ERR_clear_error()
    var count: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.recordLength) { buffer, length in
      count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
      length = max(0, Int(count))
    }
    guard count > 0 else { throw Self.failure("the connection ended") }
    return bytes
  }

  /// `true` when bytes were received that `read` has not returned.
  package var hasPending: Bool { SSL_has_pending(session) == 1 }

  private static func failure(_ words: String) -> Failure {
    let code = ERR_get_error()
    guard code != 0, let reason = ERR_reason_error_string(code) else { return Failure(description: words) }
    return Failure(description: "\(words): \(String(cString: reason))")
  }
}
