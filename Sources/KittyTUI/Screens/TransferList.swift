import KittyShared

/// Payments or debts as sentences in columns: `Bob pays you 33.33 EUR`. Those of the user are bold.
struct TransferList {
  /// The words above the list.
  let words: SafeText
  let transfers: [Transfer]
  /// The verb after `you`, and after a name.
  let verbs: (mine: SafeText, others: SafeText)
  let data: GroupData
  var filter = ListFilter()
  /// The number of transfers without the filter.
  var total = 0

  private var list: IntroducedList {
    IntroducedList(words: words, count: transfers.count, filter: filter, total: total)
  }

  /// Returns the step of a page: all visible rows but one.
  func page(_ context: Context) -> Int { list.page(context) }

  func view(
    into canvas: inout Canvas, rows room: Range<Int>, _ selection: ListSelection<Transfer>, _ context: Context
  ) {
    list.view(of: transfers, into: &canvas, rows: room, selection, context, table)
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
}

extension GroupData {
  /// The words by which a filter finds a payment or a debt: both names, as they are shown too, and the amount.
  func filterText(of transfer: Transfer) -> String {
    let ends = [transfer.from, transfer.to].flatMap { [person($0).string, name(of: $0).string] }
    let amount = Amount(transfer.amount, transfer.currency)
    return (ends + [amount.text(), amount.decimal, amount.currency.code]).joined(separator: " ")
  }
}
