/// A request to send.
public struct HTTPRequest: Sendable {
  /// The method.
  public var method: String
  /// An `http` or `https` URL.
  public var url: String
  /// Headers, in order.
  public var headers: [(name: String, value: String)] = []
  /// What is sent.
  public var body = Body.none
  /// How long the whole may take, in seconds; 0 sets no limit. An upload is bounded by the stall limit.
  public var totalSeconds = 30
  /// Whether it goes through the proxy that the environment names, if it names one.
  public var usesProxy = true
  /// What it is signed with, where the server asks for that. Its query is sorted and escaped already.
  public var signature: AWSSignature?
  /// Called now and then with how many bytes of the body were sent, and of how many.
  public var onProgress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)?

  /// What a request sends.
  public enum Body: Sendable {
    /// Nothing.
    case none
    /// Bytes in memory.
    case bytes([UInt8])
    /// A file, read as it is sent.
    case file(String)
  }

  /// Makes a request without a body.
  public init(method: String, url: String) {
    self.method = method
    self.url = url
  }
}

/// An answer.
public struct HTTPResponse: Sendable {
  /// The status.
  public let status: Int
  /// The headers' names, in lower case, and values.
  public let headers: [String: String]
  /// The body.
  public let body: [UInt8]
}

/// Why there was no answer.
public enum HTTPFailure: Error, Sendable, Equatable {
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
