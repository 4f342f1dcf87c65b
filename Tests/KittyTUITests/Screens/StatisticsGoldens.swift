import KittyShared

@testable import KittyTUI

/// The statistics of a group.
enum StatisticsGoldens {
  /// Opens the statistics, with the answer to the screen's effect.
  static func opened(_ keys: String, _ by: Statistics.Dimension, _ period: Period = .all) -> AppState {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    data.categories = Fixtures.categories
    state.get(.group(data))
    state.type("c")
    for key in keys { if key == "\t" { state.press(.tab) } else { state.type(String(key)) } }
    state.get(
      .statistics(
        .loadStatistics(group: Fixtures.group().id, by: by, period: period), Fixtures.statistics(by: by)))
    return state
  }

  static let all: [GoldenScreen] = [
    .init("statistics-months") { opened("", .month) },
    .init("statistics-years") {
      var state = opened("", .month)
      let rows = (0..<Int64(35)).map { month in
        var row = Statistics.Row(currency: Fixtures.eur, spent: 1000 + month * 37, count: month % 4)
        row.period = Statistics.Dimension.month.unit?.name(2024 * 12 + month)
        return row
      }
      state.get(
        .statistics(
          .loadStatistics(group: Fixtures.group().id, by: .month),
          Statistics(
            by: [.month], from: nil, to: nil,
            totals: [.init(currency: Fixtures.eur, spent: 57_015, count: 52)], rows: rows)))
      return state
    },
    .init("statistics-categories") { opened("\t", .category) },
    .init("statistics-members") { opened("\t\t", .member) },
    .init("statistics-loading") {
      var state = Fixtures.openGroup()
      state.type("c")
      return state
    },
  ]
}
