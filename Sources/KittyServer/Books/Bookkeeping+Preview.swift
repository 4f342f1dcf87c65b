import KittyShared

extension Bookkeeping {
  /// Returns the entry and the balances as they would be with revisions in the books: that of the entry first.
  /// - Parameter currency: The currency of the group: each present member has a balance in it.
  func preview(_ revisions: [EntryRevision], in currency: Currency) async throws -> EntryPreview {
    let revision = revisions[0]
    let group = revision.group
    var after = try await balances.balances(in: group, currency: currency)
    // The place of each balance, and the name of each account that has one.
    var places: [Place: Int] = [:]
    var names: [LedgerAccount: String] = [:]
    for (index, balance) in after.enumerated() {
      places[Place(account: balance.account, currency: balance.currency)] = index
      names[balance.account] = balance.name
    }
    for change in try BalanceChange.changes(
      from: revisions.flatMap(\.oldPostings), to: revisions.flatMap(\.newPostings))
    {
      let account = LedgerAccount(change.account, in: group)
      if let index = places[Place(account: account, currency: change.currency)] {
        after[index] = try change.applied(to: after[index])
      } else {
        if names[account] == nil { names[account] = try await name(of: account, in: group) }
        let zero = Balance(
          account: account, name: names[account] ?? "", currency: change.currency, paid: 0, share: 0)
        after.append(try change.applied(to: zero))
      }
    }
    return EntryPreview(id: revision.entry, entry: revision.content, balances: after)
  }

  /// An account has one balance in each currency.
  private struct Place: Hashable {
    let account: LedgerAccount
    let currency: Currency
  }

  private func name(of account: LedgerAccount, in group: ID) async throws -> String {
    guard let member = account.member else { return "Kitty" }
    return try await members.find(member, in: group)?.name ?? ""
  }
}
