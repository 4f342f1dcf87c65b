import KittyShared

extension GroupDigest {
  /// - Parameters:
  ///   - month: The first day of the month.
  ///   - entries: Its entries; `nil` when they are too many.
  ///   - changed: The entries that were changed since the user looked at the group, in the order of the changes.
  init(
    _ group: Group, month: Day, entries: [Entry]?, balances: [Balance], changed: [Entry], isMore: Bool
  ) {
    let open = balances.filter { $0.net != 0 }
    let names = Dictionary(balances.map { ($0.account, $0.name) }, uniquingKeysWith: { first, _ in first })
    let isMine: (Entry) -> Bool = { $0.createdBy == group.me && $0.version == 1 && $0.commentCount == 0 }
    let news = changed.filter { !isMine($0) && $0.deletedAt == nil }
    self.init(
      group: group.id, sequence: group.sequence, month: month,
      parts: entries.flatMap { Self.parts($0, of: group.me, in: month) },
      isSettledByOne: open.count == 2 && open[0].currency == open[1].currency
        && open.contains { $0.account == .member(group.me) },
      news: News(
        count: news.count, isMore: isMore,
        words: news.suffix(Self.shownNews).reversed().map { Self.words($0, group, names) }))
  }

  /// The number of changes that have words: more do not fit into a line.
  private static let shownNews = 4

  private static func parts(_ entries: [Entry], of me: ID, in month: Day) -> [Part]? {
    struct Key: Hashable {
      let day: Day
      let currency: Currency
    }
    var order: [Key] = []
    var parts: [Key: Part] = [:]
    for entry in entries where entry.kind == .expense && "\(entry.date)".prefix(7) == "\(month)".prefix(7) {
      guard let share = entry.shares?.first(where: { $0.member == me })?.amount else { continue }
      let key = Key(day: entry.date, currency: entry.booked.currency)
      if parts[key] == nil { order.append(key) }
      let old = parts[key]
      let (sum, isTooLarge) = (old?.money.amount ?? 0).addingReportingOverflow(share)
      if isTooLarge { return nil }
      let isLargest = old.map { share > $0.largest } ?? true
      parts[key] = Part(
        day: key.day, money: Money(amount: sum, currency: key.currency), count: (old?.count ?? 0) + 1,
        largest: isLargest ? share : old?.largest ?? share,
        description: isLargest ? entry.description : old?.description ?? "")
    }
    return order.compactMap { parts[$0] }
  }

  private static func words(_ entry: Entry, _ group: Group, _ names: [LedgerAccount: String]) -> String {
    guard let from = entry.from, let to = entry.to else { return entry.description }
    func name(_ account: LedgerAccount) -> String {
      account == .member(group.me) ? "you" : account == .kitty ? "kitty" : names[account] ?? "?"
    }
    return "\(name(from)) → \(name(to))"
  }
}
