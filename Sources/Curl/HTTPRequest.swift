/// A request to send.
package struct HTTPRequest: Sendable {
  /// The method.
  package var method: String
  /// An `http` or `https` URL.
  package var url: String
  /// Headers, in order.
  package var headers: [(name: String, value: String)] = []
  /// What is sent.
  package var body = Body.none
  /// How long the whole may take, in seconds; 0 sets no limit. An upload is bounded by the stall limit.
  package var totalSeconds = 30
  /// Whether it goes through the proxy that the environment names, if it names one.
  package var usesProxy = true
  /// What it is signed with, where the server asks for that. Its query is sorted and escaped already.
  package var signature: AWSSignature?
  /// Called now and then with how many bytes of the body were sent, and of how many.
  package var onProgress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)?

  /// What a request sends.
  package enum Body: Sendable {
    /// Nothing.
    case none
    /// Bytes in memory.
    case bytes([UInt8])
    /// A file, read as it is sent.
    case file(String)
  }

  /// Makes a request without a body.
  package init(method: String, url: String) {
    self.method = method
    self.url = url
  }
}

/// An answer.
package struct HTTPResponse: Sendable {
  /// The status.
  package let status: Int
  /// The headers' names, in lower case, and values.
  package let headers: [String: String]
  /// The body.
  package let body: [UInt8]
}

/// Why there was no answer.
package enum HTTPFailure: Error, Sendable, Equatable {
  /// The URL is none, or neither http nor https.
  case invalidURL
  /// The host's name is not known.
  case cannotResolve
  /// Nobody answers at the address.
  case cannotConnect
  /// No answer within the time.
  case timedOut
  /// The certificate is not to be trusted, or TLS failed otherwise.
  case tls(String)
  /// The answer is larger than it may be.
  case tooLarge
  /// The file to send cannot be read.
  case unreadableFile
  /// The connection broke on the way.
  case interrupted(String)
  /// The task was cancelled.
  case cancelled
}
