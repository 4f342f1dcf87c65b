import KittyShared

/// The list of the entries, narrowed to a month or a year.
extension GroupScreen {
  /// `true` while entries of the period may not be loaded.
  var lacksEntries: Bool {
    guard let data, data.hasMore, let days = period.days else { return false }
    return data.entries.last.map { $0.date >= days.lowerBound } ?? true
  }

  mutating func narrow(_ command: Command, _ context: Context) -> [Action] {
    guard data != nil else { return [] }
    guard let next = period.after(command, today: context.today) else {
      return [
        .toast(command == .wider ? "All entries are shown." : "A month is the shortest period.")
      ]
    }
    period = next
    panel = .expenses
    filter()
    return reads.map { .run($0) }
  }

  var emptyPeriod: SafeText {
    lacksEntries
      ? "Reading the entries of \(period.name)…"
      : "No entries in \(period.name). [ and ] lead to the time before and after it, Esc to all."
  }

  /// Draws the heading with the period, and the sums of its entries.
  func drawPeriod(
    _ total: SafeText, _ index: Int?, row: Int, _ columns: Range<Int>, _ canvas: inout Canvas
  ) {
    let isHere = panel == .expenses
    func words(_ words: SafeText, _ sums: [Amount], isSigned: Bool) -> SafeText {
      guard !sums.isEmpty else { return "" }
      let sums = sums.map { sum in
        "\(isSigned ? BalanceBars.signed(sum) : SafeText(sum.text())) \(sum.currency.code)" as SafeText
      }
      return "\(words) \(sums.joined(", "))"
    }
    let isWhole = !lacksEntries
    Row(
      left: [
        .whole(isHere ? "[2 Entries]" : " 2 Entries ", rank: 4, isHere ? .bold : .muted),
        .whole(period.name, rank: 0, .bold),
        .whole(shown.isEmpty ? "" : "\((index ?? 0) + 1) of \(shown.count)", rank: 3, .muted),
      ],
      right: [
        .whole(isWhole ? "" : "reading: \(total)", rank: 1, .muted),
        .whole(isWhole ? words("spent", sums.spent, isSigned: false) : "", rank: 1),
        .whole(isWhole ? words("for you", sums.effect, isSigned: true) : "", rank: 2),
      ].filter { !$0.text.string.isEmpty }
    ).draw(into: &canvas, row: row, columns: columns)
  }
}
