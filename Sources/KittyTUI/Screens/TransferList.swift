import KittyShared

/// Payments or debts as sentences in columns: `Bob pays you 33.33 EUR`. Those of the user are bold.
struct TransferList {
  /// The words above the list.
  let words: SafeText
  let transfers: [Transfer]
  /// The verb after `you`, and after a name.
  let verbs: (mine: SafeText, others: SafeText)
  let data: GroupData

  /// Returns the step of a page: all visible rows but one.
  func page(_ context: Context) -> Int {
    let height = rows(context.rows, context).list.count
    return max(1, height / lines(context, height) - 1)
  }

  func view(
    into canvas: inout Canvas, rows: Range<Int>, _ selection: ListSelection<Transfer>, _ context: Context
  ) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let (introduction, list) = self.rows(rows, context)
    for (line, row) in zip(introductionLines(context), introduction) {
      canvas.draw(line, row: row, column: 2)
    }
    let lines = lines(context, list.count)
    let visible = selection.visible(in: transfers, height: list.count / lines)
    table(visible, lines).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: selection.index(in: transfers).map { $0 - visible.lowerBound })
  }

  private func table(_ visible: Range<Int>, _ lines: Int) -> ListTable {
    let me = LedgerAccount.member(data.group.me)
    return ListTable(
      columns: [
        .init(rank: 1, least: 4, most: 30, fills: lines == 2),
        .init(rank: 2, line: lines - 1, gap: 1),
        .init(rank: 3, least: 4, fills: true, line: lines - 1, gap: 1),
        .init(rank: 0, edge: .right),
      ],
      rows: transfers[visible].map { transfer in
        let style: Style = [transfer.from, transfer.to].contains(me) ? .bold : .normal
        return [
          .text(data.person(transfer.from).capitalised, style),
          .text(transfer.from == me ? verbs.mine : verbs.others, style),
          .text(data.person(transfer.to), style),
          .amount(Amount(transfer.amount, transfer.currency), style),
        ]
      }, lines: lines)
  }

  private func lines(_ context: Context, _ height: Int) -> Int { context.width < 40 && height >= 2 ? 2 : 1 }

  private func introductionLines(_ context: Context) -> [SafeText] {
    words.wrapped(to: max(10, min(ListTable.widest, context.width - 4)))
  }

  /// A small window leaves the words out, so that some rows of the list have room.
  private func rows(_ rows: Range<Int>, _ context: Context) -> (introduction: Range<Int>, list: Range<Int>) {
    let introduction = introductionLines(context)
    let isShown = transfers.isEmpty || introduction.count + 1 + min(transfers.count, 2) <= rows.count
    guard isShown else { return (rows.lowerBound..<rows.lowerBound, rows) }
    let end = min(rows.upperBound, rows.lowerBound + introduction.count)
    return (rows.lowerBound..<end, min(rows.upperBound, end + 1)..<rows.upperBound)
  }
}
