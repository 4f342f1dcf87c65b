import KittyShared

/// The sums that the user is owed and owes over all listed groups, per currency.
struct HomeTotals: Sendable {
  /// The sums of one currency: `owed` is not negative, `owing` not positive.
  struct Line: Hashable, Sendable {
    let currency: Currency
    let owed: Int64
    let owing: Int64
  }

  /// The currencies with a balance, those in which the user is owed first; `nil` when a sum is too large.
  let lines: [Line]?

  init(_ groups: [Group]) {
    let nets = groups.flatMap(\.balances)
    let owed = Sums.of(nets.filter { $0.amount > 0 })
    let owing = Sums.of(nets.filter { $0.amount < 0 })
    guard let owed, let owing else {
      lines = nil
      return
    }
    var order: [Currency] = []
    for net in nets where net.amount != 0 && !order.contains(net.currency) { order.append(net.currency) }
    let all = order.map { currency in
      Line(
        currency: currency, owed: owed.first { $0.currency == currency }?.amount ?? 0,
        owing: owing.first { $0.currency == currency }?.amount ?? 0)
    }
    lines = all.filter { $0.owed > 0 } + all.filter { $0.owed == 0 }
  }

  /// The most lines with a currency.
  private static let most = 3

  /// Returns the number of rows that it takes, with the free row below.
  func height(in rows: Int) -> Int {
    guard rows >= 10 else { return 0 }
    let count = lines.map { min($0.count, rows < 16 ? 1 : Self.most) } ?? 0
    return max(1, count) + 1
  }

  func draw(into canvas: inout Canvas, rows: Range<Int>, columns: Range<Int>) {
    guard rows.count > 1 else { return }
    guard let lines, !lines.isEmpty else {
      let words: SafeText = lines == nil ? "The sums are too large to show." : "Everything is settled."
      canvas.draw(words, row: rows.lowerBound, column: columns.lowerBound + 2)
      return
    }
    let shown = lines.prefix(rows.count - 1)
    let more = lines.count - shown.count
    let others: SafeText = more == 1 ? "and 1 more currency" : "and \(more) more currencies"
    // The sign says the same as the words, which a narrow window leaves out.
    ListTable(
      columns: [
        .init(rank: 3), .init(rank: 0, edge: .right, gap: 1), .init(rank: 2),
        .init(rank: 1, edge: .right, gap: 1),
        .init(rank: 4),
      ],
      rows: shown.enumerated().map { index, line in
        let (owed, owing) = (Amount(line.owed, line.currency), Amount(line.owing, line.currency))
        return [
          .text(line.owed == 0 ? "" : "You are owed", .positive),
          line.owed == 0 ? .text("") : .amount(owed, isSigned: true, .positive),
          .text(line.owing == 0 ? "" : "You owe", .negative),
          line.owing == 0 ? .text("") : .amount(owing, isSigned: true, .negative),
          .text(index == shown.count - 1 && more > 0 ? others : "", .muted),
        ]
      }
    ).draw(into: &canvas, rows: rows, columns: columns)
  }
}
