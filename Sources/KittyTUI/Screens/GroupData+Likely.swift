import KittyShared

/// The likely choices in a group, from its latest entries.
extension GroupData {
  /// The entries that count.
  private static let latest = 10

  /// The currencies of the group and of its latest entries, the likely ones first.
  var likelyCurrencies: [Currency] {
    var counts: [Currency: Int] = [:]
    for entry in entries.prefix(Self.latest) { counts[entry.currency, default: 0] += 1 }
    counts[group.currency] = nil
    return [group.currency] + counts.sorted { ($1.value, $0.key.code) < ($0.value, $1.key.code) }.map(\.key)
  }

  /// Returns the accounts as options, those first that were named most often in the latest entries.
  /// - Parameters:
  ///   - accounts: The accounts with their places among the values of the form; `nil` stands for several.
  ///   - role: The accounts that an entry names in the same place.
  ///   - words: The words of the count, such as "paid".
  func options(
    _ accounts: [(value: Int, account: LedgerAccount?)], by role: (Entry) -> [LedgerAccount],
    _ words: SafeText
  ) -> [Picker.Option] {
    let latest = entries.prefix(Self.latest)
    var counts: [LedgerAccount: Int] = [:]
    for account in latest.flatMap(role) { counts[account, default: 0] += 1 }
    func count(_ account: LedgerAccount?) -> Int { account.flatMap { counts[$0] } ?? 0 }
    return accounts.sorted { (count($1.account), $0.value) < (count($0.account), $1.value) }.map { item in
      let found = count(item.account)
      let name = item.account.map { self.name(of: $0) } ?? "several"
      return Picker.Option(
        item.value, name, note: found == 0 ? "" : "\(words) \(found) of the last \(latest.count)")
    }
  }
}
