/// An HTTP request.
package struct HTTPRequest: Sendable {
  package var method: String
  /// An `http` or `https` URL.
  package var url: String
  /// Headers, in order.
  package var headers: [(name: String, value: String)] = []
  package var body = Body.none
  /// Time limit of the whole request in seconds; 0 for none. A transfer that stalls ends in any case.
  package var totalSeconds = 30
  /// The seconds without any byte after which a transfer has stalled. A server that answers late needs more.
  package var stallSeconds = 20
  /// `true` if the proxy of the environment is used.
  package var usesProxy = true
  /// The signature of the request. Its query must be sorted and percent-encoded already.
  package var signature: AWSSignature?
  /// Called from time to time with the number of bytes of the body that were sent, and the total.
  package var onProgress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)?

  package enum Body: Sendable {
    case none
    /// Bytes in memory.
    case bytes([UInt8])
    /// The path of a file, which is read as it is sent.
    case file(String)
  }

  package init(method: String, url: String) {
    self.method = method
    self.url = url
  }
}

/// An HTTP response.
package struct HTTPResponse: Sendable {
  package let status: Int
  /// Values by the names of headers in lower case.
  package let headers: [String: String]
  package let body: [UInt8]
}

/// The reason why a request got no response.
package enum HTTPFailure: Error, Sendable, Equatable {
  /// The URL is not valid, or neither http nor https.
  case invalidURL
  /// The name of the host is unknown.
  case cannotResolve
  /// The address does not accept connections.
  case cannotConnect
  /// No response came within the time limit.
  case timedOut
  /// The certificate is not trusted, or TLS failed for another reason.
  case tls(TLSFailure)
  /// The response is larger than the limit.
  case tooLarge
  /// The file of the body cannot be read.
  case unreadableFile
  /// The connection broke.
  case interrupted(String)
  /// The task was cancelled.
  case cancelled
}
