import Dispatch

/// A look at one part of the installation. It changes nothing, and prints no secret.
protocol Check: Sendable {
  /// The part, as a word for the report.
  var part: String { get }
  /// Looks at the part.
  /// - Throws: An error that says that the part does not work.
  func findings() async throws -> [Finding]
}

extension Check {
  /// Runs work that blocks, such as that with a disk, away from the threads of the other checks.
  func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
  }
}
