import KittyShared

/// A payment of a plan, or one that was entered.
struct SettleRow: Hashable, Sendable {
  let transfer: Transfer
  /// The entry of a payment that was entered; `nil` for one that is still to be made.
  var entry: ID?
}

/// Payments as rows to tick off: `[ ] Bob → you 33.33 EUR  Bob pays you`. Those of the user are bold.
struct SettleList {
  /// The words above the list.
  let words: SafeText
  let rows: [SettleRow]
  let data: GroupData

  /// Returns the step of a page: all visible rows but one.
  func page(_ context: Context) -> Int {
    let height = places(context.rows, context).list.count
    return max(1, height / lines(context, height) - 1)
  }

  func view(
    into canvas: inout Canvas, rows room: Range<Int>, _ selection: ListSelection<SettleRow>,
    _ context: Context
  ) {
    canvas.placeCursor(row: room.lowerBound, column: 0)
    let (introduction, list) = places(room, context)
    for (line, row) in zip(introductionLines(context), introduction) {
      canvas.draw(line, row: row, column: 2)
    }
    let lines = lines(context, list.count)
    let visible = selection.visible(in: rows, height: list.count / lines)
    table(visible, lines).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: selection.index(in: rows).map { $0 - visible.lowerBound })
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
        let style: Style = isPaid ? .muted : [transfer.from, transfer.to].contains(me) ? .bold : .normal
        return [
          .text(isPaid ? "[x]" : "[ ]", style),
          .text(data.person(transfer.from).capitalised, style), .text("→", style),
          .text(data.person(transfer.to), style),
          .amount(Amount(transfer.amount, transfer.currency), style),
          .text(isPaid ? "entered" : sentence(transfer), .muted),
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

  private func lines(_ context: Context, _ height: Int) -> Int { context.width < 40 && height >= 2 ? 2 : 1 }

  private func introductionLines(_ context: Context) -> [SafeText] {
    words.wrapped(to: max(10, min(ListTable.widest, context.width - 4)))
  }

  /// A small window leaves the words out, so that some rows of the list have room.
  private func places(_ room: Range<Int>, _ context: Context) -> (introduction: Range<Int>, list: Range<Int>)
  {
    let introduction = introductionLines(context)
    let isShown = rows.isEmpty || introduction.count + 1 + min(rows.count, 2) <= room.count
    guard isShown else { return (room.lowerBound..<room.lowerBound, room) }
    let end = min(room.upperBound, room.lowerBound + introduction.count)
    return (room.lowerBound..<end, min(room.upperBound, end + 1)..<room.upperBound)
  }
}
