import KittyShared

/// The entries of a group as a table: day, number, description, payer, amount, and the effect on the user's balance.
struct EntryTable {
  let data: GroupData
  let today: Day
  /// The lines of each row: 2 in a narrow window.
  let lines: Int
  private let isNarrow: Bool

  /// The narrowest window with rows of one line.
  static let narrow = 60

  /// - Parameter rows: The rows of the window for the list. With few of them a narrow window has rows of one line.
  init(_ data: GroupData, today: Day, width: Int, rows: Int) {
    self.data = data
    self.today = today
    isNarrow = width < Self.narrow
    lines = isNarrow && rows >= 4 ? 2 : 1
  }

  /// Returns the table of the visible entries. A day stands in its first row.
  func table(_ entries: some Sequence<Entry>) -> ListTable {
    var table = ListTable(columns: columns, lines: lines)
    var last: Day?
    for entry in entries {
      table.rows.append(cells(entry, showsDay: isNarrow || entry.date != last))
      last = entry.date
    }
    return table
  }

  private var columns: [ListTable.Column] {
    let below = isNarrow ? 1 : 0
    return [
      .init(rank: 4, line: below),
      .init(rank: 3, gap: 2),
      .init(rank: 1, least: isNarrow ? 12 : 16, fills: true, gap: 1),
      .init(
        title: isNarrow ? "" : "who paid", rank: 5, least: 13, most: 20, fills: isNarrow, line: below),
      .init(title: isNarrow ? "" : "amount", rank: 0, edge: .right),
      .init(title: isNarrow ? "" : "for you", rank: 2, edge: .right, line: below),
    ]
  }

  private func cells(_ entry: Entry, showsDay: Bool) -> [ListTable.Cell] {
    let change = entry.content.change(of: .member(data.group.me), entry: entry.id)
    // Without a currency it is in that of the amount beside it.
    let effect: ListTable.Cell =
      change.map {
        ListTable.Cell.amount(
          Amount($0, entry.booked.currency), isSigned: true,
          hasCode: entry.booked.currency != entry.currency, BalanceBars.style($0))
      } ?? .text("-", .muted)
    let difference = Self.difference(of: entry)
    return [
      .text(showsDay ? SafeText(entry.date, today: today) : "", .muted),
      .text("#\(entry.number)", .muted),
      .text(SafeText(entry.description)),
      .text(who(entry), .muted),
      .amount(difference ?? Amount(entry.amount, entry.currency), isSigned: difference != nil),
      effect,
    ]
  }

  /// The payers of an expense, the payer and recipient of a payment, or the counted money.
  private func who(_ entry: Entry) -> SafeText {
    let words = Self.who(entry, data)
    return isNarrow && entry.kind == .expense ? "\(words) paid" : words
  }

  /// Returns the same for the filter, as a wide window shows it.
  static func who(_ entry: Entry, _ data: GroupData) -> SafeText {
    func name(_ account: LedgerAccount) -> SafeText { account == .kitty ? "kitty" : data.person(account) }
    if let from = entry.from, let to = entry.to { return "\(name(from)) → \(name(to))" }
    if entry.kind == .count {
      return entry.counted.map { "counted \(Amount($0, entry.currency).text())" } ?? "kitty counted"
    }
    let payers = entry.payers ?? []
    guard let first = payers.first else { return "" }
    return payers.count == 1
      ? name(first.account) : "\(name(first.account)) +\(payers.count - 1)"
  }

  /// The difference between the counted money and the books; `nil` for an entry that is no count.
  static func difference(of entry: Entry) -> Amount? {
    guard let counted = entry.counted, let expected = entry.expected else { return nil }
    return Amount(counted &- expected, entry.currency)
  }

  /// The amount of an entry in words. A count has its difference, with the sign.
  static func sum(of entry: Entry) -> SafeText {
    guard let difference = difference(of: entry) else {
      return SafeText(Money(amount: entry.amount, currency: entry.currency))
    }
    return "\(BalanceBars.signed(difference)) \(entry.currency.code)"
  }
}
