import KittyShared
import Testing

@testable import KittyTUI

/// The statistics of a group on the screen.
struct StatisticsScreenTests {
  private let group = Fixtures.group().id

  @Test func eachPartAndPeriodIsAskedFor() {
    var state = Fixtures.openGroup()
    let month = Period(monthOf: state.context.today)
    let (byMonth, byCategory, byMember, byDay): (Effect, Effect, Effect, Effect) = (
      .loadStatistics(group: group, by: .month), .loadStatistics(group: group, by: .category),
      .loadStatistics(group: group, by: .member), .loadStatistics(group: group, by: .day, period: month)
    )
    func answer(_ effect: Effect, by dimension: Statistics.Dimension) {
      state.get(.statistics(effect, Fixtures.statistics(by: dimension)))
      state.finish(effect)
    }
    #expect(state.type("c") == [byMonth])
    answer(byMonth, by: .month)
    #expect(state.text.contains("Spent: 2,414.50 EUR, by month."), "\(state.text)")
    #expect(state.press(.tab) == [byCategory])
    #expect(state.text.contains("Loading the statistics…"))
    // An answer to the question before is not shown.
    state.get(.statistics(byMonth, Fixtures.statistics(by: .month)))
    #expect(state.text.contains("Loading the statistics…"))
    answer(byCategory, by: .category)
    #expect(state.press(.tab) == [byMember])
    answer(byMember, by: .member)
    #expect(state.press(.tab) == [byMonth])
    answer(byMonth, by: .month)
    #expect(state.type("z") == [byDay])
    answer(byDay, by: .month)
    #expect(state.press(.escape) == [byMonth])
    #expect(state.top is StatisticsScreen)
    answer(byMonth, by: .month)
    state.type("c")
    #expect(state.text.contains("Spent: 5,000 JPY, by month."), "\(state.text)")
  }

  @Test func newestMonthIsFirstAndThePlaceIsShown() {
    var state = StatisticsGoldens.opened("", .month)
    let lines = state.text.split(separator: "\n").map(String.init)
    #expect(lines.first { $0.contains("█") }?.contains("2026-12") == true, "\(state.text)")
    #expect(state.text.contains("expenses") && !state.text.contains(" of 14"), "\(state.text)")
    _ = state.update(.resized(width: 80, height: 14), at: Fixtures.start)
    #expect(state.text.contains("1 of 14"), "\(state.text)")
    state.press(.end)
    #expect(state.text.contains("14 of 14") && state.text.contains("2025-11"), "\(state.text)")
  }

  @Test func categoriesHaveTwoLevels() {
    var data = Fixtures.data
    data.categories = Fixtures.categories
    let lines = SpendingLine.lines(Fixtures.statistics(by: .category), in: Fixtures.eur, data)
    #expect(
      lines.map { "\($0.isBelow ? "  " : "")\($0.name.string) \($0.spent)" } == [
        "Food 165450", "  Groceries 123400", "  itself 42050", "Home 80000", "No category -4000",
      ])
    #expect(lines.filter { !$0.isBelow }.reduce(0) { $0 + $1.spent } == 241_450)
  }

  @Test func groupWithoutSpendingSaysSo() {
    var state = Fixtures.openGroup()
    state.type("c")
    state.get(
      .statistics(
        .loadStatistics(group: group, by: .month),
        Statistics(by: [.month], from: nil, to: nil, totals: [], rows: [])))
    #expect(state.text.contains("Nothing was spent."), "\(state.text)")
  }
}
