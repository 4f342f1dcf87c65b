import KittyShared

/// The use case of charts: the numbers of a group as a table for a picture.
struct Charts: Sendable {
  let statistics: StatisticsStore
  let balances: BalanceStore

  /// A chart.
  enum Name: String, CaseIterable, Sendable {
    case spending, balances, kitty
  }

  /// The most series of a chart of spending: the smaller ones are added up.
  private static let maxSeries = 8

  /// Returns the chart of spending.
  /// - Parameter currency: The currency of the chart. Others are not in it.
  /// - Throws: `Rejection`.
  func spending(_ query: StatisticsQuery, in group: ID, currency: Currency) async throws -> ChartTable {
    let found = try await statistics.statistics(query, in: group, currency: currency)
    let names = try await statistics.names(in: group)
    let rows = found.rows.filter { $0.currency == currency }
    var title = "Spending by \(query.by.map(\.rawValue).joined(separator: " and ")), \(currency.code)"
    if let unit = query.unit, Self.hasGaps(rows.compactMap(\.period), unit) {
      title += ", without empty \(unit.rawValue)s"
    }
    guard let unit = query.unit, query.by.count == 2 else {
      let labels = rows.map { Self.label($0, query.by, names) }
      return ChartTable(
        title: title, heading: query.by.map { Self.word($0.rawValue) }.joined(separator: ", "),
        labels: labels,
        series: labels.isEmpty ? [] : [.init(name: "Spent", amounts: rows.map(\.spent))], currency: currency,
        form: query.unit == nil ? .bars : .columns)
    }
    let other = query.by.filter { $0.unit == nil }
    var labels: [String] = []
    var places: [String: Int] = [:]
    var series: [ChartTable.Series] = []
    var numbers: [String: Int] = [:]
    for period in rows.compactMap(\.period) where places[period] == nil {
      places[period] = labels.count
      labels.append(period)
    }
    for row in rows {
      let key = Self.key(row)
      if numbers[key] == nil {
        numbers[key] = series.count
        series.append(
          .init(
            name: Self.label(row, other, names), amounts: Array(repeating: 0, count: labels.count)))
      }
      if let period = row.period, let place = places[period], let number = numbers[key] {
        series[number].amounts[place] = row.spent
      }
    }
    return ChartTable(
      title: title, heading: Self.word(unit.rawValue), labels: labels, series: try Self.largest(series),
      currency: currency, form: .columns)
  }

  /// Returns the chart of balances; the kitty holds its negative balance.
  /// - Throws: `Rejection`.
  func balances(
    of account: LedgerAccount?, every unit: CalendarUnit, from: Day?, to: Day?, in group: ID,
    currency: Currency,
    isKitty: Bool = false
  ) async throws -> ChartTable {
    let found = try await balances.series(
      of: isKitty ? .kitty : account, every: unit, from: from, to: to, in: group, currency: currency)
    let lines = found.series.filter { $0.currency == currency }
    return ChartTable(
      title: "\(isKitty ? "Money in the kitty" : "Balances"), \(currency.code)", heading: "Day",
      labels: found.days.map(\.description),
      series: lines.map { line in
        .init(
          name: isKitty ? "Kitty" : line.name, amounts: isKitty ? line.nets.map { 0 &- $0 } : line.nets)
      }, currency: currency, form: .lines)
  }

  /// Returns the largest series, and the sum of all others.
  private static func largest(_ series: [ChartTable.Series]) throws(Amount.Failure) -> [ChartTable.Series] {
    guard series.count > maxSeries else { return series }
    let sizes = series.map { $0.amounts.reduce(UInt128(0)) { $0 + UInt128($1.magnitude) } }
    let order = series.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    let kept = Set(order.prefix(maxSeries - 1))
    var rest = ChartTable.Series(
      name: "Other", amounts: Array(repeating: 0, count: series[0].amounts.count))
    for (index, series) in series.enumerated() where !kept.contains(index) {
      for (place, amount) in series.amounts.enumerated() {
        let (sum, overflow) = rest.amounts[place].addingReportingOverflow(amount)
        guard !overflow else { throw .overflow }
        rest.amounts[place] = sum
      }
    }
    return series.indices.filter(kept.contains).map { series[$0] } + [rest]
  }

  /// Returns `true` when units are missing between others: empty ones are left out where there would be too many.
  private static func hasGaps(_ periods: [String], _ unit: CalendarUnit) -> Bool {
    guard let first = periods.first, let last = periods.last, let start = number(named: first, unit),
      let end = number(named: last, unit)
    else { return false }
    return end - start + 1 != Int64(Set(periods).count)
  }

  private static func number(named name: String, _ unit: CalendarUnit) -> Int64? {
    guard let january = Day("\(name.prefix(4))-01-01") else { return nil }
    let start = unit.number(of: january)
    return (start - 1...start + 366).first { unit.name($0) == name }
  }

  /// Returns a word with a capital letter.
  private static func word(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }

  private static func key(_ row: Statistics.Row) -> String {
    [
      row.category?.description, row.tag, (row.member ?? row.payer)?.description, row.kind?.rawValue,
    ].map { $0 ?? "" }.joined(separator: "|")
  }

  private static func label(
    _ row: Statistics.Row, _ by: [Statistics.Dimension], _ names: StatisticsStore.Names
  ) -> String {
    by.map { dimension in
      switch dimension {
      case .day, .week, .month, .year: row.period ?? ""
      case .category: row.category.map { names.categories[$0] ?? $0.description } ?? "No category"
      case .tag: row.tag.map { "#\($0)" } ?? "No tag"
      case .member: row.member.map(names.name) ?? ""
      case .payer: row.payer.map(names.name) ?? ""
      case .kind: row.kind?.rawValue ?? ""
      }
    }.joined(separator: ", ")
  }
}
