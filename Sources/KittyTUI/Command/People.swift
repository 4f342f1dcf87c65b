import KittyShared

/// The present and former members of a group.
struct People: Sendable {
  let members: [Member]

  /// Returns the name of an account in the group.
  func name(_ account: LedgerAccount) -> SafeText {
    guard let id = account.member else { return "Kitty" }
    return members.first { $0.id == id }.map { SafeText($0.name) } ?? "\(id)"
  }

  /// Returns the names of several accounts, separated by commas.
  func names(_ accounts: [LedgerAccount]) -> SafeText {
    accounts.dropFirst().reduce(accounts.first.map(name) ?? "") { "\($0), \(name($1))" }
  }
}
