import KittyShared

/// The outcome of a guess at a password or a code.
enum Guess<Value: Sendable>: Sendable {
  /// The guess was right in every part of the sign-in.
  case right(Value)
  /// The guess was wrong, and is refused with this rejection.
  case wrong(Rejection)

  /// Runs a check whose rejection of a password or a code means a wrong guess.
  /// - Throws: Any other error of the check: nothing was decided then.
  init(_ check: () async throws -> Value) async throws {
    do { self = .right(try await check()) } catch let rejection as Rejection where rejection.isWrongGuess {
      self = .wrong(rejection)
    }
  }

  /// Returns the value of a right guess.
  /// - Throws: The rejection of a wrong one.
  func value() throws(Rejection) -> Value {
    switch self {
    case .right(let value): return value
    case .wrong(let rejection): throw rejection
    }
  }
}

extension Rejection {
  /// `true` when a password or a code was wrong.
  fileprivate var isWrongGuess: Bool {
    ["wrong_credentials", "wrong_password", "wrong_code"].contains(errors?.first?.code ?? code)
  }
}
