@testable import KittyServer

extension Database {
  /// Runs statements in one transaction of its own. A test that sets something up has no request.
  @discardableResult func transact(_ statements: [SQL]) async throws -> [[Row]] {
    try await transact(statements, in: WriteContext())
  }
}
