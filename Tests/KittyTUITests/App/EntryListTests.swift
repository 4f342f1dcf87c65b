import KittyShared
import Testing

@testable import KittyTUI

/// The list of a group's entries: its columns, its filter and its moves.
struct EntryListTests {
  private let group = Fixtures.group()

  private func row(_ number: String, _ state: AppState) -> String {
    state.text.split(separator: "\n").map(String.init).first { $0.contains(number) } ?? ""
  }

  @Test func rowSaysWhatItMeansForTheUser() {
    let state = MixedBooks.state()
    func words(_ number: String) -> [String] { row(number, state).split(separator: " ").map(String.init) }
    #expect(words("#19").suffix(4) == ["you", "2.50", "EUR", "+1.87"])
    #expect(words("#15").suffix(4) == ["Bob", "8.40", "EUR", "-2.80"])
    // Of 48.80 booked the user paid five eighths and bears a quarter.
    #expect(words("#9").suffix(6) == ["you", "+1", "8,000", "JPY", "+18.30", "EUR"])
    #expect(words("#13").suffix(6) == ["Bob", "→", "you", "25.00", "EUR", "-25.00"])
    #expect(words("#12").suffix(5) == ["counted", "89.50", "-0.50", "EUR", "-0.17"])
    // Nothing of it is the user's.
    #expect(words("#4").last == "-")
  }

  @Test func dayStandsInItsFirstRow() {
    let text = MixedBooks.state().text
    #expect(text.components(of: "28 Nov") == 1 && text.components(of: "27 Nov") == 1)
    #expect(text.contains(" 2 Nov ") && text.contains("31 Dec 2025"))
  }

  @Test func narrowRowHasTwoLines() {
    let lines = MixedBooks.state(width: 40).text.split(separator: "\n")
    func words(_ line: Substring) -> [Substring] { line.split(separator: " ") }
    let first = lines.firstIndex { $0.contains("#19") } ?? 0
    #expect(words(lines[first]) == [">", "#19", "Burst", "2.50", "EUR"])
    #expect(words(lines[first + 1]) == ["28", "Nov", "you", "paid", "+1.87"])
  }

  @Test func wideWindowHasTheDetailBesideTheList() {
    let state = MixedBooks.state(width: 110)
    #expect(state.text.contains("For you: +1.87 EUR") && state.text.contains("Burst"))
    #expect(!MixedBooks.state(width: 109).text.contains("For you: +1.87 EUR"))
    #expect(row("#19", MixedBooks.state(width: 250)).contains("+1.87"))
  }

  @Test func pageMovesByTheVisibleRows() throws {
    var state = Fixtures.openGroup()
    let visible = (1...12).filter { row("#\($0) ", state).contains("#\($0) ") }.count
    #expect(visible == 12)
    _ = state.update(.resized(width: 80, height: 18), at: Fixtures.start)
    // 14 rows: 4 balances and 7 entries, each with a heading, and a row between.
    let first = Set(state.text.split(separator: "\n").filter { $0.contains("#") })
    #expect(first.count == 7)
    state.press(.pageDown)
    #expect(state.text.contains("> ") && row("#6 ", state).hasPrefix(">"))
  }

  @Test func endReadsOnToTheLastEntry() {
    var state = Fixtures.state(GroupScreen(group))
    var data = Fixtures.data
    data.entries = Array(Fixtures.expenses.prefix(4))
    data.next = "c1"
    state.get(.group(data))
    func load(_ cursor: String) -> Effect { .loadEntries(group: group.id, after: cursor) }
    #expect(state.type("G") == [load("c1")])
    #expect(state.text.contains("reading to the end: 4+"))
    let older = Array(Fixtures.expenses[4..<8])
    #expect(state.get(.entries(group: group.id, after: "c1", older, next: "c2")) == [load("c2")])
    state.finish(load("c1"))
    state.get(.entries(group: group.id, after: "c2", Array(Fixtures.expenses[8...]), next: nil))
    state.finish(load("c2"))
    #expect(state.text.contains("12 of 12") && row("#1 ", state).hasPrefix(">"))
  }

  @Test func keyStopsReadingToTheEnd() {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    data.next = "c1"
    state.get(.group(data))
    state.press(.end)
    state.press(.up)
    let page = [MixedBooks.entries[5]]
    #expect(state.get(.entries(group: group.id, after: "c1", page, next: "c2")) == [])
    #expect(row("#2 ", state).hasPrefix(">"))
  }

  @Test(
    arguments: ([
      ("kase", ["#15"]), ("CAFÉ", ["#15"]), ("2.50", ["#19"]), ("2,5", ["#19"]), ("1,234", ["#4"]),
      ("1234.56", ["#4"]), ("jpy", ["#9"]), ("good place", ["#9"]), ("place good", ["#9"]),
      ("2026-11-27", ["#13", "#12"]), ("28 nov", ["#19", "#15", "#9"]), ("fri bob", ["#13", "#12"]),
      ("kitty", ["#12", "#3"]), ("#1", []), ("#12", ["#12"]), ("\"-0.50\"", ["#12"]),
      ("with:me burst", ["#19"]),
      ("sushi burst", []), ("  ", ["#19", "#15", "#9", "#13", "#12", "#4", "#3"]),
    ] as [(String, [String])])) func filterFinds(text: String, numbers: [String]) throws
  {
    var state = MixedBooks.state()
    state.type("/\(text)")
    let screen = try #require(state.top as? GroupScreen)
    #expect(screen.shown.map { "#\($0.number)" } == numbers)
  }

  @Test func savedEntryIsShownBeforeTheGroupIsReadAgain() {
    var state = MixedBooks.state()
    let tea = MixedBooks.expense(20, "Tea", 400, day: "2026-11-27", payers: [(0, 400)], shares: [100])
    state.get(.stored(group: group.id, tea))
    #expect(row("#20", state).hasPrefix(">") && row("#20", state).contains("+3.00"))
    // A changed entry is in its list once, on its new day.
    let later = MixedBooks.expense(20, "Tea", 500, day: "2026-11-28", payers: [(0, 500)], shares: [100])
    state.get(.stored(group: group.id, later))
    #expect(state.text.components(of: "Tea") == 1 && row("#20", state).contains("28 Nov"))
    // An entry of another group is not in this list.
    state.get(
      .stored(
        group: Fixtures.id(91), MixedBooks.expense(21, "Rum", 1, day: "2026-11-28", payers: [], shares: [])))
    #expect(!state.text.contains("Rum"))
  }

  @Test func balancesOfOneMemberInSeveralCurrenciesAreAllReached() throws {
    var state = MixedBooks.state(height: 40)
    state.press(.tab)
    var seen: [String] = []
    for _ in 0..<9 {
      seen.append(state.text.split(separator: "\n").first { $0.hasPrefix(">") }.map(String.init) ?? "")
      state.press(.down)
    }
    #expect(Set(seen).count == 9)
    // The group's currency comes first.
    #expect(seen[0].contains("+583.68") && seen[4].contains("Kitty") && seen[5].contains("JPY"))
  }

  @Test func removalOfAMemberNamesTheDebts() {
    var state = MixedBooks.state()
    state.press(.tab, .down)
    state.type("d")
    #expect(
      state.question?.text == "Remove Bob from \"Flat 12\"? Bob owes 483.95 EUR and owes 10.582 KWD.")
  }

  @Test func keysForAnEntrySayThatThereIsNone() {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    data.entries = []
    state.get(.group(data))
    #expect(!state.text.contains("Enter open") && !state.text.contains("filter"))
    for key in [Key.enter, .character("e"), .character("d")] {
      state.toast = nil
      state.press(key)
      #expect(state.text.contains("There is no entry here. Press a"), "\(key)")
    }
  }

  @Test func slowReadIsSaid() {
    var state = Fixtures.openGroup()
    state.type("r")
    #expect(!state.text.contains("Reading…") && state.nextTick == Fixtures.start + .seconds(1))
    _ = state.update(.tick, at: Fixtures.start + .seconds(1))
    #expect(state.text.contains("Reading…"))
    state.get(.group(Fixtures.data))
    state.finish(.loadGroup(group.id))
    #expect(!state.text.contains("Reading…"))
  }

  @Test func ageOfTheDataIsShownOffline() {
    var state = Fixtures.openGroup()
    let load = Effect.loadGroup(group.id)
    _ = state.update(.message(.failed(load, .offline("Away."))), at: Fixtures.start + .seconds(185))
    #expect(state.text.contains("As of 11:56."))
  }
}

extension String {
  /// The number of times that a text stands in it.
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
