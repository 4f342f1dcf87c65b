import KittyShared

extension Bookkeeping {
  /// Runs a use case, and writes the names of members in place of their ids in the messages of its rejection: the pure rules
  /// know ids alone.
  func naming<Result>(in group: ID, _ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let rejection as Rejection where rejection.reason == .invalid {
      throw try await named(rejection, in: group)
    }
  }

  /// Returns a rejection with the names of members, former ones too, in place of their ids.
  func named(_ rejection: Rejection, in group: ID) async throws -> Rejection {
    guard let errors = rejection.errors else { return rejection }
    var names: [String: String] = [:]
    for word in Set(errors.flatMap { $0.message.split(separator: " ") }) {
      guard let id = ID(String(word)), let member = try await members.find(id, in: group) else { continue }
      names[String(word)] = member.name
    }
    guard !names.isEmpty else { return rejection }
    return .invalid(
      errors.map { error in
        let words = error.message.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        return FieldError(
          field: error.field, code: error.code,
          message: words.map { names[$0] ?? $0 }.joined(separator: " "))
      })
  }
}
