import KittyShared
import Testing

@testable import KittyTUI

/// The statistics of a group on the screen.
struct StatisticsScreenTests {
  private let group = Fixtures.group().id

  @Test func eachPartAndPeriodIsAskedFor() {
    var state = Fixtures.openGroup()
    #expect(state.type("c") == [.loadStatistics(group: group, by: .month)])
    state.get(.statistics(.loadStatistics(group: group, by: .month), Fixtures.statistics(by: .month)))
    #expect(state.text.contains("Spent: 2,414.50 EUR, by month."), "\(state.text)")
    #expect(state.press(.tab) == [.loadStatistics(group: group, by: .category)])
    #expect(state.text.contains("Loading the statistics…"))
    // An answer to the question before is not shown.
    state.get(.statistics(.loadStatistics(group: group, by: .month), Fixtures.statistics(by: .month)))
    #expect(state.text.contains("Loading the statistics…"))
    #expect(state.press(.tab) == [.loadStatistics(group: group, by: .member)])
    #expect(state.press(.tab) == [.loadStatistics(group: group, by: .month)])
    let month = Period(monthOf: state.context.today)
    #expect(state.type("z") == [.loadStatistics(group: group, by: .day, period: month)])
    #expect(state.press(.escape) == [.loadStatistics(group: group, by: .month)])
    #expect(state.top is StatisticsScreen)
    state.get(.statistics(.loadStatistics(group: group, by: .month), Fixtures.statistics(by: .month)))
    state.type("c")
    #expect(state.text.contains("Spent: 5,000 JPY, by month."), "\(state.text)")
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

  @Test func nothingSpentIsSaid() {
    var state = Fixtures.openGroup()
    state.type("c")
    state.get(
      .statistics(
        .loadStatistics(group: group, by: .month),
        Statistics(by: [.month], from: nil, to: nil, totals: [], rows: [])))
    #expect(state.text.contains("Nothing was spent."), "\(state.text)")
  }
}
