@testable import KittyTUI

/// One golden case: a name, which is the name of its files, and the state to draw.
struct GoldenScreen: Sendable {
  let name: String
  let state: @Sendable () -> AppState

  init(_ name: String, _ state: @escaping @Sendable () -> AppState) {
    self.name = name
    self.state = state
  }

  /// All cases, in the order of the screens.
  static let all: [GoldenScreen] =
    [
      SignInGoldens.all,
      GroupsGoldens.all,
      GroupGoldens.all,
      ExpenseGoldens.all,
      QuickEntryGoldens.all,
      PaymentGoldens.all,
      SettleGoldens.all,
      EntryGoldens.all,
      KittyGoldens.all,
      StatementGoldens.all,
      BalancesGoldens.all,
      InviteGoldens.all,
      PhotoGoldens.all,
      YouGoldens.all,
      MemberGoldens.all,
      ImportGoldens.all,
      StatisticsGoldens.all,
    ].flatMap { $0 }
}
