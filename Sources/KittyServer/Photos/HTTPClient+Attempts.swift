import Curl

extension HTTPClient {
  /// Sends a request, and repeats it after a transient failure.
  /// - Parameter pause: The first pause in milliseconds; each one is twice the one before, and up to twice as long at random,
  ///   so that several servers do not repeat at the same time.
  /// - Throws: `HTTPFailure` of the last attempt.
  func send(_ request: HTTPRequest, attempts: Int, pause: Int) async throws(HTTPFailure) -> HTTPResponse {
    var attempt = 1
    while true {
      let outcome: Result<HTTPResponse, HTTPFailure>
      do throws(HTTPFailure) { outcome = .success(try await send(request)) } catch {
        outcome = .failure(error)
      }
      let isTransient =
        switch outcome {
        case .success(let response): response.status >= 500 || response.status == 429
        case .failure(let why): why.isTransient
        }
      if !isTransient || attempt >= attempts { return try outcome.get() }
      let milliseconds = pause << (attempt - 1)
      do {
        try await Task.sleep(for: .milliseconds(milliseconds + Int.random(in: 0...milliseconds)))
      } catch { throw .cancelled }
      attempt += 1
    }
  }
}

extension HTTPFailure {
  /// `true` if another attempt may succeed.
  fileprivate var isTransient: Bool {
    switch self {
    case .cannotConnect, .timedOut, .interrupted, .cannotResolve: true
    case .invalidURL, .tls, .tooLarge, .unreadableFile, .cancelled: false
    }
  }
}
