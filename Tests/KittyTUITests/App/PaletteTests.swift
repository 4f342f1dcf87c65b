import KittyShared
import Testing

@testable import KittyTUI

/// The palette: what it finds, in which order, where it leads, and that nothing below it is lost.
struct PaletteTests {
  private let boat = Fixtures.group("Boat", number: 91, net: 0)
  private let cafe = Fixtures.group("Café am Eck", number: 92, net: 0)
  private var flat: Group { Fixtures.group() }

  /// An open group, with the palette above it.
  private func opened(_ keys: String = "") -> AppState {
    var state = Fixtures.openGroup()
    state.press(.character(":"))
    state.get(.places([flat, boat, cafe]))
    for effect in state.context.running { state.finish(effect) }
    state.type(keys)
    return state
  }

  private func names(_ state: AppState) -> [String] { (state.palette?.shown ?? []).map(\.name.string) }

  // MARK: Order

  @Test(
    arguments: [
      ("anna", "Anna", .whole), ("ann", "Anna", .beginning), ("settle", "how to settle up", .words),
      ("ad ex", "add an expense", .words), ("pens", "add an expense", .part),
      ("adxp", "add an expense", .letters),
      ("ex ad", "add an expense", .part), ("318", "#318 Taxi", .words), ("naa", "Anna", nil),
      ("x", "Anna", nil),
    ] as [(String, String, FuzzyMatch.Kind?)])
  func textFits(typed: String, name: String, kind: FuzzyMatch.Kind?) {
    #expect(FuzzyMatch(typed.folded, in: name.folded)?.kind == kind)
  }

  @Test func accentsAndCaseDoNotMatter() {
    #expect(names(opened("CAFE")).first == "Café am Eck")
    #expect(names(opened("bôat")).first == "Boat")
  }

  @Test func closerLettersComeFirst() throws {
    let near = try #require(FuzzyMatch("xe", in: "xxe axe"))
    let far = try #require(FuzzyMatch("xe", in: "x and e"))
    #expect(near.span == 2 && near < far)
  }

  @Test func betterFitComesBeforeTheLatestOne() {
    var state = opened("an expense")
    state.press(.enter)
    state.press(.escape)
    state.type(":")
    // Nothing typed: the latest comes first.
    #expect(names(state).first == "add an expense")
    state.type("an")
    #expect(names(state).first == "Anna")
  }

  @Test func latestOfEquallyGoodOnesComesFirst() {
    #expect(names(opened("bo")).prefix(2) == ["Boat", "Bob"])
    var state = opened("bob")
    state.press(.enter)
    state.press(.escape)
    state.type(":bo")
    #expect(names(state).prefix(2) == ["Bob", "Boat"])
  }

  @Test func everyCommandOfTheScreenIsOffered() {
    let state = opened()
    let offered = Set(
      (state.palette?.shown ?? []).compactMap { item -> Command? in
        if case .command(let command) = item.target { command } else { nil }
      })
    #expect(offered == Set(state.top.bindings.map(\.command)).subtracting([.palette]))
    #expect(offered.contains(.settle))
  }

  @Test(
    arguments: [
      ("recurring", Command.recurring), ("repeat", .recurring), ("rules", .recurring),
      ("categ", .categories), ("categories", .categories), ("tags", .categories),
    ]) func rulesAndCategoriesAreFoundByTheirNames(text: String, command: Command)
  {
    let found = opened(text).palette?.shown ?? []
    #expect(found.prefix(3).contains { $0.target == .command(command) }, "\(found.map(\.name))")
  }

  @Test func keyIsTheShortestNameOfItsCommand() {
    #expect(names(opened("t")).first == "count the money in the kitty")
    var state = opened("s")
    state.press(.enter)
    #expect(state.top is SettleScreen)
  }

  // MARK: Ways

  @Test func groupOpens() {
    var state = opened("boa")
    let effects = state.press(.enter)
    #expect(state.palette == nil && effects == [.loadGroup(boat.id)])
    #expect(state.screens.map(\.title) == ["Groups", "Boat"])
  }

  @Test func openGroupIsNotOpenedAgain() {
    var state = opened()
    state.press(.escape)
    state.type("s")
    state.type(":flat")
    state.press(.enter)
    #expect(state.screens.map(\.title) == ["Groups", "Flat 12"])
    #expect((state.top as? GroupScreen)?.data != nil)
  }

  @Test func personOpensTheStatement() {
    var state = opened("bo")
    state.press(.down, .enter)
    #expect(state.screens.map(\.title) == ["Groups", "Flat 12", "Statement of Bob"])
    // The way goes on from the group, not from the statement.
    state.type(":kitt")
    state.press(.enter)
    #expect(state.screens.map(\.title) == ["Groups", "Flat 12", "Statement of Kitty"])
  }

  @Test func numberFindsTheExactEntryFirst() {
    #expect(
      names(opened("#1")).prefix(4) == [
        "#1 Taxi to the airport and back again with luggage", "#12 Dinner", "#11 寿司", "#10 Käse & Brot",
      ])
    #expect(names(opened("#1")).contains("#1 in Boat") && !names(opened("1")).contains("#1 in Boat"))
    var state = opened("12")
    state.press(.enter)
    #expect(state.screens.map(\.title) == ["Groups", "Flat 12", "#12"])
  }

  @Test func entryIsFoundByItsWords() {
    var state = opened("airport")
    state.press(.enter)
    #expect(state.top is EntryScreen)
  }

  @Test func entryOfAnotherGroupIsReadFirst() throws {
    var state = opened("#3")
    let names = names(state)
    let index = try #require(names.firstIndex(of: "#3 in Boat"))
    for _ in 0..<index { state.press(.down) }
    #expect(state.press(.enter) == [.loadGroup(boat.id)])
    var data = Fixtures.data
    data.group = boat
    data.entries = Array(Fixtures.expenses.prefix(4))
    data.next = "c1"
    let load = Effect.loadEntries(group: boat.id, after: "c1")
    #expect(state.get(.group(data)) == [load])
    #expect(state.text.contains("looking for #3: 4+"))
    let found = state.get(.entries(group: boat.id, after: "c1", Array(Fixtures.expenses[4...]), next: "c2"))
    #expect(found == [.loadEntry(group: boat.id, entry: Fixtures.expenses[9].id)])
    #expect(state.screens.map(\.title) == ["Groups", "Boat", "#3"])
  }

  @Test func numberThatIsNoneIsSaid() {
    var state = opened("#99")
    state.press(.enter)
    #expect(state.top.title == "Boat")
    var data = Fixtures.data
    data.group = boat
    state.get(.group(data))
    #expect(state.text.contains("There is no entry #99 in this group."))
    #expect(state.top is GroupScreen)
  }

  @Test func keyStopsTheSearchForANumber() {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    data.next = "c1"
    state.get(.group(data))
    state.type(":#99")
    #expect(state.press(.enter).contains(.loadEntries(group: flat.id, after: "c1")))
    state.press(.up)
    #expect(state.get(.entries(group: flat.id, after: "c1", [], next: "c2")) == [])
  }

  @Test func foundEntryDoesNotOpenAboveAForm() {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    data.entries = Array(Fixtures.expenses.prefix(4))
    data.next = "c1"
    state.get(.group(data))
    state.type(":#3")
    state.press(.enter)
    // The commands of the group stop the search; those of the palette open a form above it.
    state.perform(CommentForm(group: flat.id, entry: data.entries[0], id: Fixtures.id(5)))
    state.get(.entries(group: flat.id, after: "c1", Array(Fixtures.expenses[4...]), next: nil))
    #expect(state.top is CommentForm)
  }

  @Test func homeClosesWhatHasNoText() {
    var state = opened("all gr")
    #expect(state.press(.enter) == [.loadGroups(.inUse)])
    #expect(state.screens.count == 1)
  }

  // MARK: Text

  @Test func formStaysBelow() {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    // In a field a colon is text.
    state.type(":")
    #expect(state.palette == nil)
    state.press(.control("p"))
    state.get(.places([flat, boat]))
    state.type("boat")
    state.press(.enter)
    #expect(state.screens.map(\.title) == ["Groups", "Flat 12", "New expense", "Boat"])
    state.get(.group(Fixtures.data))
    state.type("q")
    #expect(state.text.contains("Dinner:") && state.question == nil)
    // Again and again: the stack does not grow.
    for _ in 0..<3 {
      state.press(.control("p"))
      state.type("flat")
      state.press(.enter)
    }
    #expect(state.screens.count == 4)
    state.press(.control("p"))
    state.type("all gr")
    state.press(.enter)
    #expect(state.text.contains("Dinner:"))
  }

  @Test func letterGoesToThePaletteAlone() {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    state.press(.control("p"))
    state.press(.paste("x\ny"), .enter, .tab)
    state.press(.escape)
    #expect(state.palette == nil && state.text.contains("Dinner") && !state.text.contains("Dinnerx"))
    #expect(state.screens.count == 3)
  }

  @Test func leavingByThePaletteAsksToo() {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    state.press(.control("p"))
    state.type("back")
    state.press(.enter)
    #expect(state.question != nil && state.screens.count == 3)
  }

  @Test func paletteWaitsForASave() {
    var (state, _) = Fixtures.writeExpense()
    state.press(.control("p"))
    #expect(state.palette == nil && state.text.contains("Wait for the answer"))
  }

  @Test func paletteNeedsASession() {
    var state = Fixtures.state(SignInScreen())
    state.press(.control("p"))
    #expect(state.palette == nil && state.text.contains("Sign in first."))
    var open = opened("bo")
    open.get(.failed(.loadGroup(flat.id), .rejected(.signInNeeded)))
    #expect(open.palette == nil && open.top.signInReason == .interruption)
  }

  @Test func questionOfTheServerDoesNotTakeTheLettersOfThePalette() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([flat]))
    state.type(":")
    state.get(.failed(.deleteGroup(flat.id, force: false), .rejected(.conflict("not_settled", "No."))))
    #expect(state.question == nil && state.palette != nil)
  }

  // MARK: History

  @Test func upRecallsWhatWasWritten() {
    var state = opened("boat")
    state.press(.enter)
    var data = Fixtures.data
    data.group = boat
    state.get(.group(data))
    state.type(":bob")
    state.press(.enter)
    state.type(":ca")
    state.press(.up)
    #expect(state.palette?.field.text == "bob")
    state.press(.up)
    #expect(state.palette?.field.text == "boat")
    state.press(.up)
    #expect(state.palette?.field.text == "boat")
    state.press(.down, .down)
    #expect(state.palette?.field.text == "ca")
    #expect(names(state).contains("Carl Constantin von Langenname") && !names(state).contains("Bob"))
  }

  @Test func tabWritesTheName() {
    var state = opened("lang")
    state.press(.tab)
    #expect(state.palette?.field.text == "Carl Constantin von Langenname")
  }

  @Test func interruptClosesIt() {
    var state = opened("b")
    #expect(state.update(.interrupt, at: Fixtures.start) == [])
    #expect(state.palette == nil)
  }

  @Test func selectionStaysWhenTheGroupsAreRead() {
    var state = Fixtures.openGroup()
    state.type(":b")
    state.press(.down)
    let target = state.palette.map { $0.shown[$0.index].target }
    state.get(.places([flat, boat]))
    #expect(state.palette.map { $0.shown[$0.index].target } == target)
  }

  @Test func emptyPaletteSaysSo() {
    var state = opened("zzzz")
    #expect(state.text.contains("Nothing has this name."))
    #expect(state.press(.enter) == [] && state.palette != nil)
  }
}
