import KittyShared

@testable import KittyTUI

/// Golden cases of a statement.
enum StatementGoldens {
  static let all: [GoldenScreen] = [
    .init("statement") { statementState(.member(Fixtures.members[0].id)) },
    .init("statement-kitty") { statementState(.kitty) },
  ]

  private static func statementState(_ account: LedgerAccount) -> AppState {
    var state = Fixtures.openGroup()
    state.perform(StatementScreen(Fixtures.data, of: account))
    state.get(
      .statement(
        .loadStatement(group: Fixtures.group().id, account: account, currency: nil, cursor: nil),
        Fixtures.statement(of: account)))
    return state
  }
}
