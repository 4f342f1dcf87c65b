import KittyShared

/// The spending of a group: by month, by category and by member.
struct StatisticsScreen: Screen {
  private var data: GroupData
  private(set) var part = Part.time
  private(set) var period = Period.all
  private(set) var statistics: Statistics?
  private var currency: Currency
  private(set) var selection = ListSelection<SpendingLine>()

  /// A part of the screen.
  enum Part: CaseIterable, Sendable {
    case time, category, member
  }

  init(_ data: GroupData) {
    self.data = data
    currency = data.group.currency
  }

  var title: SafeText { "Statistics" }
  var needsData: Bool { statistics == nil }
  var refresh: [Effect] { [load] }

  private var load: Effect { .loadStatistics(group: data.group.id, by: dimension, period: period) }

  /// The dimension that is asked for: a month has days.
  private var dimension: Statistics.Dimension {
    switch (part, period) {
    case (.category, _): .category
    case (.member, _): .member
    case (.time, .month): .day
    case (.time, _): .month
    }
  }

  private var currencies: [Currency] { (statistics?.totals ?? []).map(\.currency) }

  /// The currency that is shown: one that has expenses.
  private var shown: Currency {
    currencies.contains(currency) ? currency : currencies.first ?? currency
  }

  /// The lines as the server has them: periods in the order of time.
  private var spending: [SpendingLine] {
    statistics.map { SpendingLine.lines($0, in: shown, data) } ?? []
  }

  /// The lines of the list: of periods the newest first, as in the list of entries.
  private var lines: [SpendingLine] { part == .time ? spending.reversed() : spending }

  var bindings: [Binding] {
    [
      Binding([.tab], "Tab", "by month, by category, by member", .nextPanel, footer: nextName),
      Binding([.backTab], "Shift-Tab", "the other way round", .previousPanel),
      Binding(
        [.character("c")], "c", "the next currency", .toggle, footer: currencies.count > 1 ? "currency" : ""),
    ] + Period.bindings(period) + Binding.moving + Binding.leaving
  }

  private var nextName: SafeText {
    switch part {
    case .time: "by category"
    case .category: "by member"
    case .member: "by month"
    }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let lines = lines
    if selection.move(command, in: lines, page: list.page(context)) { return [] }
    switch command {
    case .nextPanel: return show(part.after(1))
    case .previousPanel: return show(part.after(Part.allCases.count - 1))
    case .toggle:
      guard currencies.count > 1 else { return [.toast("There are no expenses in other currencies.")] }
      let place = currencies.firstIndex(of: shown) ?? 0
      currency = currencies[(place + 1) % currencies.count]
      selection.update(self.lines)
    case .narrower, .wider, .before, .after:
      guard let next = period.after(command, today: context.today) else {
        return [.toast(command == .wider ? "All of it is shown." : "A month is the shortest period.")]
      }
      return show(part, next)
    case .back where period != .all: return show(part, .all)
    default: break
    }
    return []
  }

  private mutating func show(_ part: Part, _ period: Period? = nil) -> [Action] {
    self.part = part
    self.period = period ?? self.period
    (statistics, selection) = (nil, ListSelection())
    return [.run(load)]
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .statistics(load, let found):
      statistics = found
      selection.update(lines)
    case .group(let found) where found.group.id == data.group.id: data = found
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    guard statistics != nil else {
      canvas.draw("Loading the statistics…", row: rows.lowerBound, column: 2, style: .muted)
      return
    }
    let lines = lines
    let largest = lines.map(\.spent.magnitude).max() ?? 0
    list.view(of: lines, into: &canvas, rows: rows, selection, context) { visible, _ in
      ListTable(
        columns: [
          .init(rank: 1, least: 8, most: 30, fills: true), .init(rank: 3, fills: true, gap: 1),
          .init(title: part == .member ? "bore" : "spent", rank: 0, edge: .right),
          .init(title: "expenses", rank: 4, edge: .right), .init(rank: 5, edge: .right),
        ],
        rows: lines[visible].map { line in
          let style: Style = line.isBelow ? .muted : .normal
          return [
            .text("\(line.isBelow ? "  " : "")\(line.name)", style),
            .length(line.spent, largest: largest, style),
            .amount(Amount(line.spent, shown), style),
            .text(line.count == 0 ? "" : "\(line.count)", .muted),
            .text(line.paid.map { "paid \(Amount($0, shown).text())" } ?? "", .muted),
          ]
        })
    }
  }

  private var list: IntroducedList { IntroducedList(words: words, count: lines.count) }

  /// The total, and for months a line of blocks.
  private var words: SafeText {
    let when: SafeText = period == .all ? "" : " in \(period.name)"
    guard let total = statistics?.totals.first(where: { $0.currency == shown }) else {
      return "Nothing was spent\(when)."
    }
    let what: SafeText =
      switch part {
      case .time: period.isMonth ? "by day" : "by month"
      case .category: "by category"
      case .member: "by member: what each bore"
      }
    let sum: SafeText = "Spent\(when): \(SafeText(Money(amount: total.spent, currency: shown))), \(what)."
    guard part == .time, spending.count > 1 else { return sum }
    return "\(sum) \(Sparkline.text(spending.suffix(31).map(\.spent)))"
  }
}

extension StatisticsScreen.Part {
  /// Returns the part that is some places after this one.
  fileprivate func after(_ count: Int) -> Self {
    let place = Self.allCases.firstIndex(of: self) ?? 0
    return Self.allCases[(place + count) % Self.allCases.count]
  }
}

extension Period {
  /// `true` for one month.
  fileprivate var isMonth: Bool { if case .month = self { true } else { false } }
}
