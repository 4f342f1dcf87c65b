import KittyShared

/// The user's part of the expenses of this month in one line: a block for each day or week, the sum, and the biggest
/// entry.
struct MonthLine: Sendable {
  private let name: SafeText
  /// The sums of the user's parts.
  private let sums: [Money]
  /// The user's parts of each day in the first of the currencies.
  private let days: [Int64]
  private let biggest: GroupDigest.Part
  /// The number of groups whose month is known, and of all groups.
  private let known: (count: Int, all: Int)

  /// - Returns: `nil` when there is no expense, or a sum is too large.
  init?(_ groups: [Group], _ digests: [ID: GroupDigest], today: Day) {
    let month = Self.first(of: today)
    let read = groups.compactMap { digests[$0.id] }.filter { $0.month == month }.compactMap(\.parts)
    let parts = read.flatMap { $0 }
    let counts = Dictionary(grouping: parts, by: \.money.currency).mapValues {
      $0.reduce(0) { $0 &+ $1.count }
    }
    // The currency of most entries comes first; the line of blocks has only that one.
    let order = counts.keys.sorted { (counts[$1] ?? 0, $0.code) < (counts[$0] ?? 0, $1.code) }
    let own = parts.filter {
      $0.money.currency == order.first && (0..<31).contains($0.day.daysSince1970 - month.daysSince1970)
    }
    guard let sums = Sums.of(parts.map(\.money)), let biggest = own.max(by: { $0.largest < $1.largest })
    else {
      return nil
    }
    let last = max(today, own.map(\.day).max() ?? today)
    var days = [Int64](repeating: 0, count: Int(last.daysSince1970 - month.daysSince1970) + 1)
    for part in own {
      let day = Int(part.day.daysSince1970 - month.daysSince1970)
      let (sum, isTooLarge) = days[day].addingReportingOverflow(part.money.amount)
      if isTooLarge { return nil }
      days[day] = sum
    }
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ]
    name = SafeText(names[((Int(today.description.dropFirst(5).prefix(2)) ?? 1) - 1) % names.count])
    self.sums = order.compactMap { code in sums.first { $0.currency == code } }
    self.days = days
    self.biggest = biggest
    known = (read.count, groups.count)
  }

  /// Returns the first day of the month of a day.
  static func first(of day: Day) -> Day { Day("\(day.description.prefix(8))01") ?? day }

  /// The cells for the name of the biggest entry, at least.
  private static let leastName = 4

  /// Draws the line, with the position in the list at its end.
  func draw(into canvas: inout Canvas, row: Int, columns: Range<Int>, position: SafeText) {
    let scope: SafeText = known.count == known.all ? "" : " in \(known.count) of \(known.all) groups"
    let sum: SafeText = "\(sums.words) yours in \(name)\(scope)"
    let largest = SafeText(Money(amount: biggest.largest, currency: biggest.money.currency))
    let most: SafeText = "· biggest: \(largest) "
    // The parts on the left, without the cell before each of them.
    let room = columns.count - 2 - sum.width - position.width - 3
    // A block for each day where there is room, else for each week.
    let daily = Self.blocks(days, biggest.money.currency)
    let weekly = weeks.map { Self.blocks($0, biggest.money.currency) } ?? ""
    let blocks = daily.width + most.width + Self.leastName <= room ? daily : weekly
    let rest = room - blocks.width - most.width
    let left: [Row.Part] = [
      .whole(blocks, rank: 2), .whole(sum, rank: 1),
      .whole(
        rest >= Self.leastName ? "\(most)\(SafeText(biggest.description).fitted(to: rest))" : "", rank: 3,
        .muted),
    ]
    Row(left: left, right: [.whole(position, rank: 0, .muted)])
      .draw(into: &canvas, row: row, columns: (columns.lowerBound + 2)..<columns.upperBound)
  }

  /// Returns a block for each amount, with the worth of the highest.
  private static func blocks(_ amounts: [Int64], _ currency: Currency) -> SafeText {
    let text = Sparkline.text(amounts)
    guard let highest = amounts.max(), highest > 0 else { return text }
    return "\(text) \(Sparkline.highest)=\(Amount(highest, currency).text())"
  }

  /// The sums of the weeks of the month; `nil` when one is too large.
  private var weeks: [Int64]? {
    var weeks: [Int64] = []
    for start in stride(from: 0, to: days.count, by: 7) {
      var week: Int64 = 0
      for day in days[start..<min(start + 7, days.count)] {
        let (sum, isTooLarge) = week.addingReportingOverflow(day)
        if isTooLarge { return nil }
        week = sum
      }
      weeks.append(week)
    }
    return weeks
  }
}
