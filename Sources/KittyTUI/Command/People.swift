import KittyShared

/// The present and former members of a group.
struct People: Sendable {
  let members: [Member]
  private let names: [ID: SafeText]

  init(members: [Member]) {
    self.members = members
    names = Dictionary(
      members.map { ($0.id, SafeText($0.name)) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the name of an account in the group.
  func name(_ account: LedgerAccount) -> SafeText {
    guard let id = account.member else { return "Kitty" }
    return names[id] ?? "\(id)"
  }

  /// Returns the names of several accounts, separated by commas.
  func names(_ accounts: [LedgerAccount]) -> SafeText {
    accounts.dropFirst().reduce(accounts.first.map(name) ?? "") { "\($0), \(name($1))" }
  }
}
