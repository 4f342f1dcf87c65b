import KittyShared

/// A date as a person types it: `today`, `yesterday`, `fri`, `-2`, `28.11.`, `28.11.2026`, `28/11/2026` or
/// `2026-11-28`. The one parser of dates, for forms and for lines of quick entry.
struct TypedDay: Hashable, Sendable {
  /// The way of writing. In a line some of them may also be words or numbers.
  enum Spelling: Hashable, Sendable {
    case exact
    /// A day of the week.
    case weekday
    /// Days before today.
    case before
    /// A day and a month with a slash between them.
    case fraction
  }

  /// The reason why a text that looks like a date is refused, and what to write instead.
  struct Refusal: Error, Hashable {
    let description: String
  }

  let day: Day
  let spelling: Spelling

  private init(_ day: Day, _ spelling: Spelling = .exact) {
    self.day = day
    self.spelling = spelling
  }

  /// Reads a date; `nil` for a text that does not look like one.
  /// - Throws: `Refusal` for a date with two meanings, and for one that is not in the calendar.
  init?(_ text: String, today: Day) throws(Refusal) {
    let word = text.trimmed.lowercased()
    if word == "today" {
      self.init(today)
    } else if word == "yesterday" {
      self.init(today.moved(by: -1))
    } else if let weekday = Self.weekday(word) {
      // The last one; today, if it is such a day.
      self.init(today.moved(by: -today.weekday.days(since: weekday)), .weekday)
    } else if let days = Self.daysBefore(word) {
      let day = today.moved(by: -days)
      guard day >= .first else { throw Refusal(description: "\(word) days is before 1900.") }
      self.init(day, .before)
    } else if let day = try Self.dayFirst(word, today) {
      self.init(day)
    } else if let day = try Self.slashed(word, today) {
      self.init(day, word.split(separator: "/").count == 2 ? .fraction : .exact)
    } else {
      guard let day = try Self.yearFirst(word, today) else { return nil }
      self.init(day)
    }
  }

  /// A weekday by its name or a short form of it.
  private static func weekday(_ word: String) -> Weekday? {
    let short = ["tues": "tue", "thur": "thu", "thurs": "thu"][word] ?? word
    return Weekday.allCases.first { [$0.name.lowercased(), $0.short.lowercased()].contains(short) }
  }

  private static func daysBefore(_ word: String) -> Int64? {
    guard let sign = word.first, sign == "-" || sign == "\u{2212}" else { return nil }
    return number(word.dropFirst(), digits: 1...4)
  }

  private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int64? {
    guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return Int64(text)
  }

  private static func yearFirst(_ word: String, _ today: Day) throws(Refusal) -> Day? {
    if let day = Day(word) { return day }
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy({ number($0, digits: 2...4) != nil }) else {
      return nil
    }
    throw Refusal(description: "\(word) is not a valid date. Write a date such as \(today), not before 1900.")
  }

  /// Reads `28.11.` and `28.11.2026`. With points the day is first everywhere.
  private static func dayFirst(_ word: String, _ today: Day) throws(Refusal) -> Day? {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let first = number(parts[0], digits: 1...2),
      let second = number(parts[1], digits: 1...2)
    else { return nil }
    if (1...31).contains(first), (1...12).contains(second) {
      guard parts[2].isEmpty || parts[2].count == 4 else {
        guard number(parts[2], digits: 1...3) != nil else { return nil }
        throw Refusal(description: "\(word): write the year with four digits, as in \(first).\(second).2026.")
      }
      guard parts[2].isEmpty || number(parts[2], digits: 4...4) != nil else { return nil }
      if let day = day(first, second, parts[2], today) { return day }
      throw Refusal(description: "\(word) is not in the calendar.")
    }
    guard (1...12).contains(first), (13...31).contains(second),
      parts[2].isEmpty || number(parts[2], digits: 4...4) != nil
    else { return nil }
    throw Refusal(
      description:
        "There is no month \(second). Write the day first: \(ended("\(second).\(first).\(parts[2])"))")
  }

  /// Reads `28/11` and `11/28/2026`. With slashes some write the day first, some the month: where both are possible the
  /// date is refused.
  private static func slashed(_ word: String, _ today: Day) throws(Refusal) -> Day? {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    let year = parts.count == 3 ? parts[2] : ""
    guard (2...3).contains(parts.count), let first = number(parts[0], digits: 1...2),
      let second = number(parts[1], digits: 1...2),
      parts.count == 2 || number(year, digits: 4...4) != nil, first > 0, second > 0, min(first, second) <= 12,
      max(first, second) <= 31
    else { return nil }
    let (european, american) = (day(first, second, year, today), day(second, first, year, today))
    guard let european, let american, european != american else {
      if let day = european ?? american { return day }
      throw Refusal(description: "\(word) is not in the calendar. Write a date such as \(today).")
    }
    throw Refusal(
      description:
        "\"\(word)\" could be \(european.words(today: today)) or \(american.words(today: today)). Write \(first).\(second).\(year) or \(ended("\(second).\(first).\(year)"))"
    )
  }

  /// Returns the end of a sentence.
  private static func ended(_ text: String) -> String { text.hasSuffix(".") ? text : "\(text)." }

  /// Returns the day of a month. Without a year it is the last such day, or the next one if that is at most a month ahead.
  private static func day(_ day: Int64, _ month: Int64, _ year: Substring, _ today: Day) -> Day? {
    func text(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if !year.isEmpty { return Day("\(year)-\(text(month))-\(text(day))") }
    guard let present = Int64(today.description.prefix(4)) else { return nil }
    // A leap day may be eight years ago.
    for year in (-8...1).reversed() {
      if let found = Day("\(present + Int64(year))-\(text(month))-\(text(day))"), found <= today.moved(by: 31)
      {
        return found
      }
    }
    return nil
  }
}

extension Day {
  /// The date in words, such as `Fri 27 November`; with the year when it is another one than that of today.
  func words(today: Day) -> String {
    let year = parts.year == today.parts.year ? "" : " \(parts.year)"
    return "\(weekday.short) \(parts.day) \(month)\(year)"
  }
}
