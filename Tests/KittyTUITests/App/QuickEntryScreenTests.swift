import KittyShared
import Testing

@testable import KittyTUI

/// The line of quick entry on the full screen.
struct QuickEntryScreenTests {
  private let anna = Fixtures.members[0].id
  private let bob = Fixtures.members[1].id

  private func line(_ text: String) -> AppState {
    var state = Fixtures.openGroup()
    state.type("A" + text)
    return state
  }

  private func sent(_ effects: [Effect]) throws -> NewExpense {
    guard case .createExpense(_, let expense) = try #require(effects.first) else {
      throw Rejection.notFound("expense")
    }
    return expense
  }

  @Test func answerIsShownAsOneTypes() throws {
    var state = line("42.50 dinner @bob +anna +bob fri")
    #expect(state.text.contains("dinner · 42.50 EUR · Bob paid · Fri 20 November"))
    #expect(state.text.contains("Anna") && state.text.contains("21.25 EUR"))
    // The shares are those that the server will store for this id.
    let effect = state.press(.enter)
    let expense = try sent(effect)
    #expect(expense.id == Fixtures.id(777) && expense.date == Day("2026-11-20"))
    #expect(expense.payer == .member(bob) && expense.participants == [anna, bob])
    state.get(.entered)
    #expect(state.top is GroupScreen && state.text.contains("\"dinner\" is saved."))
  }

  @Test func everyPartIsThatOfTheSplitPreview() throws {
    let state = line("100 dinner")
    let shares = try Split.equally(Fixtures.members.map(\.id)).shares(of: 10_000, seed: Fixtures.id(777))
    for share in shares { #expect(state.text.contains("\(Amount(share.amount, Fixtures.eur).text()) EUR")) }
    #expect(state.text.contains("today, Tue 24 November"))
  }

  @Test func sharesAreThoseOfTheDefaultSplit() throws {
    let old = Fixtures.group()
    let parts: [SplitRule.Part] = [
      .init(anna, percent: Percent(hundredths: 7000)), .init(bob, percent: Percent(hundredths: 3000)),
    ]
    var data = Fixtures.data
    data.group = Group(
      id: old.id, name: old.name, currency: old.currency, me: old.me, role: old.role, balances: old.balances,
      memberCount: 4, photo: nil, createdAt: old.createdAt, archivedAt: nil,
      defaultSplit: SplitRule(.percentages, parts: parts), version: 1)
    var state = Fixtures.openGroup()
    state.get(.group(data))
    state.type("A100 dinner")
    #expect(state.text.contains("70.00 EUR") && state.text.contains("30.00 EUR"))
    #expect(!state.text.contains("25.00 EUR"))
    // Named members share equally.
    state.type(" +anna +bob")
    #expect(state.text.contains("50.00 EUR") && !state.text.contains("70.00 EUR"))
  }

  @Test func severalPayersAreShownWithTheirAmounts() {
    #expect(line("42.50 dinner @anna:30 @bob").text.contains("you 30.00 and Bob 12.50 paid"))
    #expect(line("42.50 dinner @kitty").text.contains("the kitty paid"))
  }

  @Test func ambiguityIsShownWithItsReadings() {
    let state = line("1,234 rent")
    #expect(state.text.contains("could mean 1234 or 1.234"))
    #expect(line("9 tea 3/4/2026").text.contains("could be Fri 3 April or Wed 4 March"))
    #expect(line("2 beers 7.50").text.contains("\"2\" or \"7.50\""))
  }

  @Test func incompleteLineIsNotSaved() {
    var state = line("dinner @bob")
    #expect(state.text.contains("dinner · Bob paid") && state.text.contains("no amount"))
    #expect(state.press(.enter).isEmpty && state.top is QuickEntryScreen)
    #expect(state.text.contains("dinner @bob"))
    state.type(" 12")
    #expect(state.press(.enter).count == 1)
  }

  @Test func tabCompletesNames() throws {
    var state = line("9 tea @b")
    #expect(state.text.contains("> Bob") && state.text.contains("Tab complete"))
    state.press(.tab)
    #expect(state.text.contains("9 tea @Bob"))
    // The space after it is typed too.
    state.type("+c")
    state.press(.tab)
    state.type("-")
    #expect(state.text.contains("9 tea @Bob +\"Carl Constantin von Langenname\" -"))
    state.press(.backspace)
    let expense = try sent(state.press(.enter))
    #expect(expense.payer == .member(bob) && expense.participants == [Fixtures.members[2].id])
  }

  @Test func candidatesAreListedAndChosenWithTheArrows() {
    var state = line("9 tea @")
    for name in ["Anna", "Bob", "Carl", "井上 明子", "Kitty"] { #expect(state.text.contains(name)) }
    #expect(state.text.contains("paid 3 of the last 10"))
    state.press(.end, .down, .up, .down)
    state.press(.tab)
    #expect(state.text.contains("9 tea @\"井上 明子\""))
    // A whole name needs no list.
    #expect(!line("9 tea @anna").text.contains("> Anna"))
    // Any word of a name, without its accents.
    state = line("9 tea @lang")
    state.press(.tab)
    #expect(state.text.contains("@\"Carl Constantin von Langenname\""))
    state = line("9 tea")
    state.press(.tab)
    #expect(state.text.contains("Tab completes a name"))
  }

  @Test func formOpensWithWhatIsUnderstood() throws {
    var state = line("42.50 USD dinner for two @anna:30 @bob +anna +bob -2 yes")
    state.press(.control("e"))
    #expect(state.top is ExpenseForm && state.screens.count == 3)
    // `-2` before a word is a date all the same.
    for words in ["dinner for two yes", "42.50", "2026-11-22", "USD", "several", "30", "12.50"] {
      #expect(state.text.contains(words), "\(words)")
    }
    let expense = try sent(state.press(.control("s")))
    #expect(expense.id == Fixtures.id(777) && expense.participants == [anna, bob])
    #expect(
      expense.payers == [
        Payer(.member(anna), amount: .minorUnits(3000)), Payer(.member(bob), amount: .minorUnits(1250)),
      ])
  }

  @Test func formKeepsTheWordsThatAreNotUnderstood() {
    var state = line("dinner @zoe 3/4/2026")
    state.press(.control("e"))
    #expect(state.text.contains("dinner @zoe 3/4/2026"))
    state.press(.escape)
    #expect(state.question != nil)
  }

  @Test func leavingAsksWhenThereIsText() {
    var state = line("")
    state.press(.escape)
    #expect(state.top is GroupScreen)
    state.type("A9 tea")
    state.press(.escape)
    #expect(state.question != nil && state.top is QuickEntryScreen)
    state.type("n")
    #expect(state.text.contains("9 tea"))
  }

  @Test func failedSaveKeepsTheLineAndItsID() throws {
    var state = line("9 tea")
    let effect = try #require(state.press(.enter).first)
    #expect(state.press(.enter).isEmpty && state.type("x").isEmpty)
    state.get(.failed(effect, .uncertain("The connection broke.")))
    state.finish(effect)
    #expect(
      state.text.contains("It may have been saved. Enter again is safe") && state.text.contains("9 tea"))
    #expect(state.press(.enter) == [effect])
    state.get(.failed(effect, .rejected(.invalid("description", "blank", "The text must not be blank."))))
    state.finish(effect)
    #expect(state.text.contains("The text must not be blank.") && state.text.contains("9 tea"))
  }

  @Test func changedLineAfterASavedAttemptChangesThatEntry() throws {
    var state = line("9 tea")
    let first = try #require(state.press(.enter).first)
    state.get(.failed(first, .uncertain("The connection broke.")))
    state.finish(first)
    state.type(" and cake")
    let second = try #require(state.press(.enter).first)
    let old = Fixtures.expenses[0]
    let stored = Entry(
      id: Fixtures.id(777), number: 13, content: old.content, createdBy: old.createdBy,
      createdAt: old.createdAt, changedAt: old.createdAt, deletedAt: nil, commentCount: 0, version: 3)
    state.get(.failed(second, .savedBefore(stored)))
    state.finish(second)
    #expect(state.top is ExpenseForm && state.text.contains("Your first version was saved"))
    guard case .changeExpense(_, Fixtures.id(777), 3, let change) = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(change.description == "tea and cake" && change.amount == .minorUnits(900))
  }
}
