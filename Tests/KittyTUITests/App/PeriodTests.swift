import KittyShared
import Testing

@testable import KittyTUI

/// Lists that are narrowed to a month or a year.
struct PeriodTests {
  private let group = Fixtures.group()
  private let today = Day("2026-11-24")!

  @Test(
    arguments: [
      (.all, .narrower, .month(year: 2026, 11)), (.all, .before, .month(year: 2026, 11)),
      (.month(year: 2026, 1), .before, .month(year: 2025, 12)),
      (.month(year: 2026, 12), .after, .month(year: 2027, 1)), (.month(year: 2026, 5), .wider, .year(2026)),
      (.year(2026), .wider, .all), (.year(2026), .narrower, .month(year: 2026, 11)),
      (.year(2025), .narrower, .month(year: 2025, 12)), (.year(1900), .before, nil),
      (.year(9999), .after, nil),
      (.all, .wider, nil), (.month(year: 2026, 5), .narrower, nil),
    ] as [(Period, Command, Period?)]) func keyLeadsToThePeriod(from: Period, by: Command, to: Period?)
  {
    #expect(from.after(by, today: today) == to)
  }

  @Test func daysOfAPeriodAreItsFirstToItsLast() {
    func days(_ period: Period) -> String { period.days.map { "\($0.lowerBound) \($0.upperBound)" } ?? "" }
    #expect(days(.month(year: 2024, 2)) == "2024-02-01 2024-02-29")
    #expect(days(.month(year: 2026, 12)) == "2026-12-01 2026-12-31")
    #expect(days(.year(2026)) == "2026-01-01 2026-12-31")
    #expect(days(.month(year: 9999, 12)) == "9999-12-01 9999-12-31")
    #expect(days(.all) == "")
  }

  @Test func monthShowsItsEntriesAndSums() {
    var state = MixedBooks.state(width: 100)
    state.type("z")
    #expect(state.text.contains("[2 Entries] Nov 2026") && !state.text.contains("#3 "))
    // 2.50 + 8.40 + 48.80 + 1,234.56, without the payment and the count.
    #expect(state.text.contains("spent 1,294.26 EUR"))
    // 1.87 - 2.80 + 18.30 - 25.00 - 0.17.
    #expect(state.text.contains("for you -7.80 EUR"))
    state.type("[")
    #expect(state.text.contains("No entries in Oct 2026."))
    state.type("]Z")
    #expect(state.text.contains("[2 Entries] 2026") && state.text.contains("#4 "))
    state.press(.shiftLeft)
    #expect(state.text.contains("[2 Entries] 2025") && state.text.contains("for you +10.500 KWD"))
    state.press(.escape)
    #expect(state.text.contains("#19") && state.text.contains("#3 ") && state.top is GroupScreen)
  }

  @Test func filterStaysInThePeriod() {
    var state = MixedBooks.state()
    state.type("z/kitty")
    state.press(.enter)
    #expect(state.text.contains("#12 ") && !state.text.contains("#3 ") && state.text.contains("Nov 2026"))
    state.press(.escape)
    #expect(state.text.contains("[2 Entries] Nov 2026"))
  }

  @Test func olderEntriesOfThePeriodAreRead() {
    var state = Fixtures.state(GroupScreen(group))
    var data = Fixtures.data
    data.entries = Array(Fixtures.expenses.prefix(4))
    data.next = "c1"
    state.get(.group(data))
    let load = Effect.loadEntries(group: group.id, after: "c1")
    #expect(state.type("z") == [load])
    // A part of the sum would be a wrong number.
    #expect(state.text.contains("reading: 4+") && !state.text.contains("spent"))
    let october = MixedBooks.expense(900, "Old", 100, day: "2026-10-31", payers: [(0, 100)], shares: [100])
    #expect(
      state.get(.entries(group: group.id, after: "c1", Fixtures.expenses[4...] + [october], next: "c2")) == []
    )
    #expect(state.text.contains("spent") && state.text.contains("of 12") && !state.text.contains("Old"))
    // The end of the period is the end of the list.
    #expect(state.type("G") == [])
  }

  @Test func tooLargeSumIsLeftOut() {
    let entries = (1...2).map {
      MixedBooks.expense($0, "Much", .max - 1, day: "2026-11-20", payers: [(1, .max - 1)], shares: [])
    }
    let sums = EntrySums(entries, of: .member(Fixtures.members[0].id), first: Fixtures.eur)
    #expect(sums.spent.isEmpty)
  }

  @Test func statementHasPeriods() {
    var state = Fixtures.openGroup()
    state.perform(StatementScreen(Fixtures.data, of: .member(Fixtures.members[0].id)))
    func load(_ period: Period) -> Effect {
      .loadStatement(
        group: group.id, account: .member(Fixtures.members[0].id), currency: nil, cursor: nil, period: period)
    }
    let statement = Fixtures.statement(of: .member(Fixtures.members[0].id))
    state.get(.statement(load(.all), statement))
    #expect(state.type("z") == [load(.month(year: 2026, 11))])
    // The answer for another period is not shown.
    state.get(.statement(load(.all), statement))
    #expect(state.text.contains("Loading the statement"))
    state.get(.statement(load(.month(year: 2026, 11)), statement))
    let change = BalanceBars.signed(Amount(statement.closing - statement.opening, Fixtures.eur))
    #expect(state.text.contains("Nov 2026 \(change.string) EUR"))
    #expect(state.press(.escape) == [load(.all)])
    #expect(state.top is StatementScreen)
  }

  @Test func statementIsFiltered() {
    var state = Fixtures.openGroup()
    state.perform(StatementScreen(Fixtures.data, of: .kitty))
    func load(_ cursor: String?) -> Effect {
      .loadStatement(group: group.id, account: .kitty, currency: nil, cursor: cursor)
    }
    state.get(.statement(load(nil), Fixtures.statement(of: .kitty, next: "c1")))
    #expect(state.type("/kase").last == load("c1"))
    #expect(state.text.contains("3 of 12+") && !state.text.contains("Dinner"))
    state.get(
      .statement(load("c1"), Fixtures.statement(of: .kitty)))
    state.press(.enter, .enter)
    #expect(state.top is EntryScreen)
    state.press(.escape, .escape)
    #expect(state.text.contains("Dinner") && state.top is StatementScreen)
  }

  @Test func panelsHaveNumbers() throws {
    var state = Fixtures.openGroup()
    #expect(state.text.contains(" 1 Balances\n") && state.text.contains("[2 Entries]"))
    state.type("1")
    #expect(state.text.contains("[1 Balances]"))
    state.press(.backTab)
    #expect(state.text.contains("[2 Entries]"))
  }

  @Test func helpIsSearched() {
    var state = Fixtures.openGroup()
    state.type("?/SETTL")
    #expect(state.text.contains("settle up: who pays whom") && !state.text.contains("add an expense"))
    state.press(.backspace)
    state.type("xyz")
    #expect(state.text.contains("No key does this."))
    state.press(.escape)
    #expect(state.showsHelp && state.text.contains("add an expense"))
    state.press(.escape)
    #expect(!state.showsHelp)
    // The next help begins with all keys.
    state.type("?/kitt")
    state.press(.enter)
    state.type("?")
    #expect(state.text.contains("add an expense"))
  }
}
