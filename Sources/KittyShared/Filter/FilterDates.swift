/// The days that a filter asks for. Some depend on today.
package enum FilterDates: Hashable, Sendable {
  /// The days of a span.
  case one(FilterSpan)
  /// From the beginning of one span to the end of another one; a missing one has no limit. At least one is there.
  case range(FilterSpan?, FilterSpan?)

  /// A week from Monday to Sunday, a month or a year.
  package enum Unit: String, Sendable, CaseIterable {
    case week, month, year
  }

  /// Reads the value of a field; `nil` for another text.
  init?(_ text: String) {
    guard let (first, last) = text.rangeEnds else {
      guard let span = FilterSpan(text) else { return nil }
      self = .one(span)
      return
    }
    let (from, through) = (FilterSpan(first), FilterSpan(last))
    guard from != nil || first.isEmpty, through != nil || last.isEmpty, from != nil || through != nil else {
      return nil
    }
    self = .range(from, through)
  }

  /// Returns the first and the last day; the last one may be before the first one.
  func ends(today: Day) -> (first: Day, last: Day) {
    switch self {
    case .one(let span): span.ends(today: today)
    case .range(let from, let through):
      (from?.ends(today: today).first ?? .first, through?.ends(today: today).last ?? .last)
    }
  }

  fileprivate static func ends(of unit: Unit, before: Bool, _ today: Day) -> (first: Day, last: Day) {
    switch unit {
    case .week:
      let monday = today.moved(by: -today.weekday.days(since: .monday) - (before ? 7 : 0))
      return (monday, monday.moved(by: 6))
    case .month:
      let this = FilterSpan.month(of: today)
      return before ? FilterSpan.month(of: this.first.moved(by: -1)) : this
    case .year:
      let year = today.parts.year - (before ? 1 : 0)
      return FilterSpan.year(year).ends(today: today)
    }
  }
}

/// A span of days as one end of a range: a year, a month or a day.
package enum FilterSpan: Hashable, Sendable {
  /// `2026`: from 1900 to 9999.
  case year(Int64)
  /// `2026-01`.
  case month(Int64, Int64)
  /// `2026-01-05`.
  case day(Day)
  /// The present day.
  case today
  /// The day before.
  case yesterday
  /// The week, month or year of today: `this month`.
  case this(FilterDates.Unit)
  /// The week, month or year before that of today: `last month`.
  case last(FilterDates.Unit)

  /// Reads an end of a range; `nil` for another text.
  init?(_ text: some StringProtocol) {
    let words = text.lowercased().split { $0.isWhitespace }
    let word = words.joined(separator: " ")
    if words.count == 2, let unit = FilterDates.Unit(rawValue: String(words[1])) {
      switch words[0] {
      case "this": self = .this(unit)
      case "last": self = .last(unit)
      default: return nil
      }
    } else if word == "today" {
      self = .today
    } else if word == "yesterday" {
      self = .yesterday
    } else if let day = Day(word) {
      self = .day(day)
    } else if word.utf8.count == 7, let day = Day("\(word)-01") {
      self = .month(day.parts.year, day.parts.month)
    } else if word.utf8.count == 4, let day = Day("\(word)-01-01") {
      self = .year(day.parts.year)
    } else {
      return nil
    }
  }

  /// Returns the first and the last day.
  func ends(today: Day) -> (first: Day, last: Day) {
    switch self {
    case .year(let year):
      let first = Day(year: year, month: 1, day: 1)
      return (first, year >= 9999 ? .last : Day(year: year + 1, month: 1, day: 1).moved(by: -1))
    case .month(let year, let month): return Self.month(of: Day(year: year, month: month, day: 1))
    case .day(let day): return (day, day)
    case .today: return (today, today)
    case .yesterday: return (today.moved(by: -1), today.moved(by: -1))
    case .this(let unit): return FilterDates.ends(of: unit, before: false, today)
    case .last(let unit): return FilterDates.ends(of: unit, before: true, today)
    }
  }

  /// Returns the first and the last day of the month of a day.
  static func month(of day: Day) -> (first: Day, last: Day) {
    let (year, month, _) = day.parts
    let first = Day(year: year, month: month, day: 1)
    let next = month == 12 ? Day(year: year + 1, month: 1, day: 1) : Day(year: year, month: month + 1, day: 1)
    return (first, next.moved(by: -1))
  }
}

extension FilterDates: CustomStringConvertible {
  /// The value of a field.
  package var description: String {
    switch self {
    case .one(let span): "\(span)"
    case .range(let from, let through): "\(from?.description ?? "")..\(through?.description ?? "")"
    }
  }
}

extension FilterSpan: CustomStringConvertible {
  /// The text of one end of a range.
  package var description: String {
    switch self {
    case .year(let year): "\(year)"
    case .month(let year, let month): "\(year)-\(month < 10 ? "0" : "")\(month)"
    case .day(let day): "\(day)"
    case .today: "today"
    case .yesterday: "yesterday"
    case .this(let unit): "this \(unit.rawValue)"
    case .last(let unit): "last \(unit.rawValue)"
    }
  }
}
