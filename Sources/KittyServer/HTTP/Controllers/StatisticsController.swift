import Hummingbird
import KittyShared

/// The HTTP face of statistics and of series of balances.
struct StatisticsController: Sendable {
  let statistics: StatisticsStore
  let balances: BalanceStore
  let filters: FilterContextStore

  func register(on routes: inout Routes) {
    routes.shared(Endpoints.statistics, isLong: { _ in true }, filters: filters) { call in
      Reply(
        try await statistics.statistics(try call.statisticsQuery(), in: call.group, currency: call.currency))
    }
    routes.shared(Endpoints.balanceSeries, isLong: { _ in true }) { call in
      let (unit, days) = (try call.every(), try call.days())
      let account = try call.query["account"].map { (text) throws(Rejection) in
        try Call.account(text, "account")
      }
      return Reply(
        try await balances.series(
          of: account, every: unit, from: days.from, to: days.to, in: call.group, currency: call.currency))
    }
  }
}

extension GroupCall {
  /// Reads the question of statistics: by month when it does not say.
  func statisticsQuery() throws(Rejection) -> StatisticsQuery {
    let (from, to) = try days()
    let by = try dimensions()
    if let from, let to, let unit = by.lazy.compactMap(\.unit).first {
      let count = unit.number(of: to) - unit.number(of: from) + 1
      guard count <= Statistics.maxRows else {
        throw .invalid(
          "by", "too_many_rows",
          "There would be \(count) rows, and \(Statistics.maxRows) is the most. Choose fewer days, or a longer unit."
        )
      }
    }
    return StatisticsQuery(by: by, from: from, to: to, filter: filter)
  }

  private func dimensions() throws(Rejection) -> [Statistics.Dimension] {
    guard let text = query["by"] else { return [.month] }
    var by: [Statistics.Dimension] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let dimension = Statistics.Dimension(rawValue: String(name)) else {
        let known = Statistics.Dimension.allCases.map(\.rawValue).joined(separator: ", ")
        throw .invalid("by", "unknown_dimension", "by must be one or two of \(known).")
      }
      guard !by.contains(dimension) else {
        throw .invalid("by", "twice", "Name each dimension once.")
      }
      by.append(dimension)
      guard by.count <= 2 else { throw .invalid("by", "too_many", "Name at most two dimensions.") }
    }
    guard by.count(where: { $0.unit != nil }) <= 1 else {
      throw .invalid("by", "not_together", "Name only one of day, week, month and year.")
    }
    guard !by.contains(.member) || !by.contains(.payer) else {
      throw .invalid("by", "not_together", "member has what each paid too: leave payer out.")
    }
    return by
  }

  /// Reads the unit of a series: a month when it does not say.
  func every() throws(Rejection) -> CalendarUnit {
    guard let text = query["every"] else { return .month }
    guard let unit = CalendarUnit(rawValue: text) else {
      throw .invalid("every", "unknown_unit", "every must be day, week, month or year.")
    }
    return unit
  }
}
