import KittyShared

/// The days that a list is narrowed to: all, a year or a month.
enum Period: Hashable, Sendable {
  case all
  case year(Int64)
  /// - month: 1 for January.
  case month(year: Int64, Int64)

  /// The month of a day.
  init(monthOf day: Day) {
    let parts = day.description.split(separator: "-").compactMap { Int64($0) }
    self = .month(year: parts[0], parts[1])
  }

  /// The first and the last day; `nil` for all days.
  var days: ClosedRange<Day>? {
    switch self {
    case .all: nil
    case .year(let year): Self.days(year, 1...12)
    case .month(let year, let month): Self.days(year, month...month)
    }
  }

  private static func days(_ year: Int64, _ months: ClosedRange<Int64>) -> ClosedRange<Day>? {
    let (first, last) = (months.lowerBound, months.upperBound)
    guard let start = start(year, first) else { return nil }
    let next = last == 12 ? Self.start(year + 1, 1) : Self.start(year, last + 1)
    return start...(next.map { Day(daysSince1970: $0.daysSince1970 - 1) } ?? .last)
  }

  private static func start(_ year: Int64, _ month: Int64) -> Day? {
    Day("\(year)-\(month < 10 ? "0" : "")\(month)-01")
  }

  /// Such as `Nov 2026`; empty for all days.
  var name: SafeText {
    switch self {
    case .all: ""
    case .year(let year): "\(year)"
    case .month(let year, let month): Self.start(year, month).map { "\(SafeText(monthOf: $0)) \(year)" } ?? ""
    }
  }

  /// The period that a command leads to; `nil` where it ends.
  /// - Parameter today: Any move from all days leads to the present month. From a year it leads to the present month, if
  ///   that is in it, else to its last one.
  func after(_ command: Command, today: Day) -> Period? {
    let present = Period(monthOf: today)
    let next: Period
    switch (self, command) {
    case (.all, .narrower), (.all, .before), (.all, .after): next = present
    case (.year(let year), .narrower):
      if case .month(year, _) = present { next = present } else { next = .month(year: year, 12) }
    case (.month(let year, _), .wider): next = .year(year)
    case (.year, .wider): next = .all
    case (.year(let year), .before): next = .year(year - 1)
    case (.year(let year), .after): next = .year(year + 1)
    case (.month(let year, let month), .before):
      next = month == 1 ? .month(year: year - 1, 12) : .month(year: year, month - 1)
    case (.month(let year, let month), .after):
      next = month == 12 ? .month(year: year + 1, 1) : .month(year: year, month + 1)
    default: return nil
    }
    // The books begin in 1900 and end in 9999.
    return next == .all || next.days != nil ? next : nil
  }

  /// The keys of a list that has periods.
  static func bindings(_ period: Period) -> [Binding] {
    let isNarrow = period != .all
    return [
      Binding(
        [.character("z"), .shiftDown], "z Shift-↓",
        "narrow the list to this month, or to a month of the year",
        .narrower),
      Binding([.character("Z"), .shiftUp], "Z Shift-↑", "from the month to the year, and to all", .wider),
      Binding(
        [.character("["), .shiftLeft], "[ Shift-←", "the month or year before", .before,
        footer: isNarrow ? "before" : ""),
      Binding(
        [.character("]"), .shiftRight], "] Shift-→", "the month or year after", .after,
        footer: isNarrow ? "after" : ""),
    ]
  }
}
