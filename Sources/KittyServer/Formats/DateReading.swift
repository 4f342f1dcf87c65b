import KittyShared

/// The way in which a file writes days: found out over all of them, because `03/04/2026` alone has two meanings.
struct DateReading: Sendable, Hashable {
  let order: Order

  /// The order of the parts of a day that does not begin with the year.
  enum Order: String, CaseIterable, Sendable {
    /// Day, month, year.
    case dmy
    /// Month, day, year.
    case mdy
    /// The file has only days that begin with the year.
    case ymd

    var text: String {
      switch self {
      case .dmy: "day, month, year"
      case .mdy: "month, day, year"
      case .ymd: "year, month, day"
      }
    }
  }

  /// Finds the order of days.
  /// - Throws: `Rejection` for a text that is no day in any order, for two days that contradict each other, and when all can
  ///   be read in two ways.
  init(
    _ texts: some Sequence<(text: String, place: ImportPlace)>, wanted: Order? = nil
  ) throws(Rejection) {
    var orders: Set<Order> = [.dmy, .mdy]
    var (hasOthers, example) = (false, (text: "", place: ImportPlace.file))
    for (text, place) in texts {
      guard let parts = Self.parts(text) else { throw Self.unreadable(text, place) }
      if parts.startsWithYear { continue }
      if parts.hasShortYear, wanted == nil {
        throw .unreadable(
          place, "ambiguous_days",
          "\"\(text.cut(to: 40))\" has a year of two digits: it could be the first or the last number. Send dates=dmy, dates=mdy or dates=ymd."
        )
      }
      if parts.hasShortYear, wanted == .ymd {
        guard Self.day(parts, .ymd) != nil else { throw Self.unreadable(text, place) }
        continue
      }
      if !hasOthers { example = (text, place) }
      hasOthers = true
      let possible = Set(
        [Order.dmy, .mdy].filter { order in
          // With points, the day is first everywhere.
          (order == .dmy || !parts.hasPoints) && Self.day(parts, order) != nil
        })
      guard !possible.isEmpty else { throw Self.unreadable(text, place) }
      guard !orders.isDisjoint(with: possible) else {
        throw .unreadable(
          place, "ambiguous_days",
          "\"\(text.cut(to: 40))\" has day and month in another order than the days before it. Correct the file, or send dates=dmy or dates=mdy."
        )
      }
      orders.formIntersection(possible)
    }
    if let wanted, wanted != .ymd {
      guard !hasOthers || orders.contains(wanted) else {
        throw .unreadable(
          example.place, "ambiguous_days", "The days of the file are not in the order \(wanted.text).")
      }
      order = wanted
      return
    }
    guard hasOthers else {
      order = .ymd
      return
    }
    guard wanted == nil else {
      throw .unreadable(
        example.place, "ambiguous_days", "The days of the file are not in the order \(Order.ymd.text).")
    }
    guard orders.count == 1, let only = orders.first else {
      throw .unreadable(
        example.place, "ambiguous_days",
        "\"\(example.text.cut(to: 40))\" could be day and month or month and day, and no other day tells. Send dates=dmy or dates=mdy."
      )
    }
    order = only
  }

  /// Reads a day, and ignores a time after it.
  func day(_ text: String, at place: ImportPlace) throws(Rejection) -> Day {
    guard let parts = Self.parts(text), let day = Self.day(parts, parts.startsWithYear ? .ymd : order) else {
      throw Self.unreadable(text, place)
    }
    return day
  }

  /// Returns `true` for a text that is a day in some order, with or without a time behind it.
  static func isDay(_ text: String) -> Bool {
    parts(text).map { parts in [Order.ymd, .dmy, .mdy].contains { day(parts, $0) != nil } } ?? false
  }

  private static func unreadable(_ text: String, _ place: ImportPlace) -> Rejection {
    .unreadable(place, "not_a_date", "\"\(text.cut(to: 40))\" is not a day.")
  }

  private struct Parts {
    let numbers: [Int64]
    let startsWithYear: Bool
    let hasPoints: Bool
    /// All numbers have two digits, without points between them: the year may be the first.
    var hasShortYear: Bool { !hasPoints && isShort }
    let isShort: Bool
  }

  /// Returns the three numbers at the beginning of a text.
  private static func parts(_ text: String) -> Parts? {
    let date = text.trimmed.unicodeScalars.prefix { $0 != " " && $0 != "T" && $0 != "," }
    let pieces = date.split(omittingEmptySubsequences: false) { ["-", "/", "."].contains($0) }
    let numbers = pieces.compactMap { piece in
      piece.allSatisfy(\.isDigit) && (1...4).contains(piece.count) ? Int64(String(piece)) : nil
    }
    guard pieces.count == 3, numbers.count == 3 else { return nil }
    return Parts(
      numbers: numbers, startsWithYear: pieces[0].count == 4, hasPoints: date.contains("."),
      isShort: pieces.allSatisfy { $0.count <= 2 })
  }

  private static func day(_ parts: Parts, _ order: Order) -> Day? {
    let (first, second, third) = (parts.numbers[0], parts.numbers[1], parts.numbers[2])
    var (year, month, day) =
      switch order {
      case .ymd: (first, second, third)
      case .dmy: (third, second, first)
      case .mdy: (third, first, second)
      }
    if year < 100 { year += 2000 }
    guard year >= 1900, year <= 9999, month <= 99, day <= 99 else { return nil }
    func pad(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    (month, day) = (max(month, 0), max(day, 0))
    return Day("\(year)-\(pad(month))-\(pad(day))")
  }
}
