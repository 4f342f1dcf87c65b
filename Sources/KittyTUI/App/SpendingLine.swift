import KittyShared

/// A line of the statistics of a group, in one currency.
struct SpendingLine: Hashable, Sendable {
  let name: SafeText
  /// `true` for a category below another one.
  var isBelow = false
  let spent: Int64
  let count: Int64
  /// The amount that a member paid; `nil` in a line that is no member.
  var paid: Int64?

  /// Returns the lines of statistics by one dimension. Categories have two levels: the sum of each of the upper level, and
  /// those below it.
  static func lines(_ statistics: Statistics, in currency: Currency, _ data: GroupData) -> [SpendingLine] {
    let rows = statistics.rows.filter { $0.currency == currency }
    guard let dimension = statistics.by.first else { return [] }
    if dimension == .category { return categories(rows, data) }
    let names = data.statisticsNames
    return rows.map {
      SpendingLine(name: names.label($0, dimension), spent: $0.spent, count: $0.count, paid: $0.paid)
    }
  }

  private static func categories(_ rows: [Statistics.Row], _ data: GroupData) -> [SpendingLine] {
    var groups: [ID?: [Statistics.Row]] = [:]
    for row in rows {
      let upper = row.category.map { data.category($0)?.parent ?? $0 }
      groups[upper, default: []].append(row)
    }
    let sums = groups.map { upper, rows in
      (
        upper: upper,
        rows: rows.sorted { ($1.spent, $0.category ?? .last) < ($0.spent, $1.category ?? .last) },
        // The total of the currency has been added up already: this cannot overflow.
        spent: rows.reduce(0) { $0 &+ $1.spent }, count: rows.reduce(0) { $0 &+ $1.count }
      )
    }.sorted { one, other in
      if (one.upper == nil) != (other.upper == nil) { return other.upper == nil }
      return (other.spent, one.upper ?? .last) < (one.spent, other.upper ?? .last)
    }
    return sums.flatMap { group -> [SpendingLine] in
      guard let upper = group.upper else {
        return [SpendingLine(name: "No category", spent: group.spent, count: group.count)]
      }
      let head = SpendingLine(name: data.categoryName(upper), spent: group.spent, count: group.count)
      guard group.rows.contains(where: { $0.category != upper }) else { return [head] }
      return [head]
        + group.rows.map { row in
          let name = row.category.flatMap(data.category)?.name ?? ""
          return SpendingLine(
            name: row.category == upper ? "itself" : SafeText(name), isBelow: true, spent: row.spent,
            count: row.count)
        }
    }
  }
}

extension GroupData {
  /// The names of its accounts and categories.
  var statisticsNames: StatisticsNames {
    let data = self
    return StatisticsNames(account: { data.name(of: $0) }, category: { data.categoryName($0) })
  }
}
