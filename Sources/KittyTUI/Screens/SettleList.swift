import KittyShared

/// A payment of a plan, or one that was entered.
struct SettleRow: Hashable, Sendable {
  let transfer: Transfer
  /// The entry of a payment that was entered; `nil` for one that is still to be made.
  var entry: ID?
  /// The number of a payment in a settling round, which tells equal ones apart.
  var number = 0
  /// `true` for a payment that an ended round left open.
  var isVoid = false
}

/// Payments as rows to tick off: `[ ] Bob → you 33.33 EUR  Bob pays you`. Those of the user are bold.
struct SettleList {
  /// The words above the list.
  let words: SafeText
  let rows: [SettleRow]
  let data: GroupData
  var filter = ListFilter()
  /// The number of rows without the filter.
  var total = 0

  private var list: IntroducedList {
    IntroducedList(words: words, count: rows.count, filter: filter, total: total)
  }

  /// Returns the step of a page: all visible rows but one.
  func page(_ context: Context) -> Int { list.page(context) }

  func view(
    into canvas: inout Canvas, rows room: Range<Int>, _ selection: ListSelection<SettleRow>,
    _ context: Context
  ) {
    list.view(of: rows, into: &canvas, rows: room, selection, context, table)
  }

  private func table(_ visible: Range<Int>, _ lines: Int) -> ListTable {
    let me = LedgerAccount.member(data.group.me)
    return ListTable(
      columns: [
        .init(rank: 2),
        .init(rank: 1, least: 8, most: 30, gap: 1),
        .init(rank: 3, line: lines - 1, gap: 1),
        .init(rank: 4, least: 30, fills: true, line: lines - 1, gap: 1),
        .init(rank: 0, edge: .right),
        .init(rank: 5),
      ],
      rows: rows[visible].map { row in
        let transfer = row.transfer
        let isPaid = row.entry != nil
        let style: Style =
          isPaid || row.isVoid ? .muted : [transfer.from, transfer.to].contains(me) ? .bold : .normal
        return [
          .text(isPaid ? "[x]" : row.isVoid ? "[-]" : "[ ]", style),
          .text(data.person(transfer.from).capitalised, style), .text("→", style),
          .text(data.person(transfer.to), style),
          .amount(Amount(transfer.amount, transfer.currency), style),
          .text(isPaid ? "entered" : row.isVoid ? "void" : sentence(transfer), .muted),
        ]
      }, lines: lines)
  }

  /// Returns both accounts with a word between them.
  func words(_ transfer: Transfer, _ between: SafeText) -> SafeText {
    "\(data.person(transfer.from).capitalised) \(between) \(data.person(transfer.to))"
  }

  private func sentence(_ transfer: Transfer) -> SafeText {
    let me = LedgerAccount.member(data.group.me)
    if transfer.from == .kitty {
      return transfer.to == me
        ? "you take it out of the kitty" : "\(data.person(transfer.to)) takes it out of the kitty"
    }
    let (verb, into): (SafeText, SafeText) = transfer.from == me ? ("pay", "put") : ("pays", "puts")
    return transfer.to == .kitty
      ? "\(data.person(transfer.from)) \(into) it into the kitty" : words(transfer, verb)
  }
}
