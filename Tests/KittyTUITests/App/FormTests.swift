import KittyShared
import Testing

@testable import KittyTUI

/// Requests and errors of the forms of entries.
struct FormTests {
  private let group = Fixtures.group()

  private func expense(_ effects: [Effect]) throws -> NewExpense {
    guard case .createExpense(_, let expense) = try #require(effects.first) else {
      throw Rejection.notFound("expense")
    }
    return expense
  }

  private func taxi() -> AppState {
    var state = Fixtures.openGroup()
    state.type("aTaxi")
    state.press(.tab)
    state.type("100")
    return state
  }

  @Test func enterSavesFromTheLastLineOnly() throws {
    var state = taxi()
    #expect(state.text.contains("Enter next") && state.text.contains("^S save"))
    // Amount, date, payer, split, and the members up to the last.
    for _ in 0..<7 { #expect(state.press(.enter).isEmpty) }
    #expect(state.text.contains("Enter save"))
    #expect(try expense(state.press(.enter)).description == "Taxi")
    var simple = taxi()
    #expect(try expense(simple.press(.control("s"))).description == "Taxi")
  }

  @Test func dateCanBeAWord() throws {
    var state = taxi()
    state.press(.tab, .control("u"))
    state.type("Yesterday")
    #expect(try expense(state.press(.control("s"))).date == Day("2026-11-23"))
    var other = taxi()
    other.press(.tab, .control("u"))
    other.type("today")
    #expect(try expense(other.press(.control("s"))).date == Day("2026-11-24"))
  }

  @Test func amountsHaveOneDecimalMark() {
    var state = taxi()
    state.press(.backspace, .backspace, .backspace)
    state.type("1.234,56")
    #expect(state.text.contains("= 1,234.56 EUR") && !state.text.contains("308,64"))
  }

  @Test func foreignExpenseHasSharesInTheGroupCurrency() throws {
    var state = taxi()
    state.press(.control("o"), .control("u"))
    state.type("usd")
    state.press(.tab)
    state.type("0,923")
    state.press(.tab)
    state.type("At night")
    #expect(state.text.contains("= 92.30 EUR") && state.text.contains("= 100.00 USD"))
    for share in try Split.equally(Fixtures.members.map(\.id))
      .shares(of: 10_000, booked: 9_230, seed: Fixtures.id(777))
    {
      #expect(state.text.contains("\(Amount(share.amount, Fixtures.eur).text()) EUR"))
    }
    let expense = try expense(state.press(.control("s")))
    #expect(expense.currency?.code == "USD" && expense.rate?.text == "0.923" && expense.note == "At night")
    #expect(expense.amount == .minorUnits(10_000))
  }

  @Test func filledFieldCannotBeHidden() {
    var state = taxi()
    state.press(.control("o"), .control("u"))
    state.type("USD")
    state.press(.control("o"))
    #expect(state.text.contains("Currency  USD"))
    state.press(.control("u"))
    state.type("EUR")
    state.press(.control("o"))
    #expect(!state.text.contains("Currency  "))
  }

  @Test func rateInTheSameCurrencyIsRejected() {
    var state = taxi()
    state.press(.control("o"), .tab)
    state.type("2")
    #expect(state.press(.control("s")).isEmpty)
    #expect(state.text.contains("Leave the rate empty"))
    #expect(state.view().cursor?.row == 6)
  }

  @Test func severalPayersIncludeTheKitty() throws {
    var state = taxi()
    state.press(.tab, .tab, .left, .left)
    #expect(state.text.contains("‹ several ›  100.00 missing"))
    state.press(.tab)
    state.type("60")
    #expect(state.press(.control("s")).isEmpty)
    #expect(state.text.contains("40.00 missing"))
    state.press(.tab, .tab, .tab, .tab, .tab)
    state.type("40")
    let expense = try expense(state.press(.control("s")))
    #expect(expense.payer == nil)
    #expect(
      expense.payers == [
        Payer(.member(group.me), amount: .minorUnits(6000)), Payer(.kitty, amount: .minorUnits(4000)),
      ])
  }

  @Test func payersErrorOfTheServerKeepsTheInput() throws {
    var state = taxi()
    state.press(.tab, .tab, .left, .left, .tab)
    state.type("100")
    let effect = try #require(state.press(.control("s")).first)
    state.get(
      .failed(effect, .rejected(.invalid("payers.0.account", "not_a_member", "She has left the group."))))
    state.finish(effect)
    #expect(state.text.contains("‹ several ›  She has left the group."))
    #expect(state.text.contains("Taxi") && state.text.contains("Not saved."))
    #expect(state.press(.control("s")) == [effect])
  }

  @Test func anErrorOfAHiddenFieldBringsItIntoView() throws {
    var state = taxi()
    let effect = try #require(state.press(.control("s")).first)
    state.get(.failed(effect, .rejected(.invalid("note", "too_long", "This note is too long."))))
    #expect(state.text.contains("Note") && state.text.contains("This note is too long."))
  }

  private func receipt() -> AppState {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    // Amount, date, payer, split: one to the left of "equally" are the items.
    state.press(.tab, .tab, .tab, .tab, .left, .control("n"))
    state.type("Pizza")
    state.press(.enter)
    state.type("24")
    state.press(.control("n"))
    state.type("Wine")
    state.press(.enter)
    state.type("16")
    state.press(.tab, .control("x"), .character(" "), .tab, .character(" "), .escape, .tab, .tab)
    return state
  }

  @Test func receiptIsAddedUpAndPreviewed() throws {
    var state = receipt()
    state.type("4")
    #expect(state.text.contains("= 44.00 EUR"))
    let (anna, bob) = (Fixtures.members[0].id, Fixtures.members[1].id)
    let allMembers = Fixtures.members.map(\.id)
    let shares = try Split.items([.init(2400, allMembers), .init(1600, [anna, bob])], extras: 400)
      .shares(of: 4400, seed: Fixtures.id(777))
    for share in shares {
      #expect(state.text.contains("\(Amount(share.amount, Fixtures.eur).text()) EUR"))
    }
    let expense = try expense(state.press(.control("s")))
    #expect(expense.amount == .minorUnits(4400) && expense.participants == nil)
    #expect(
      expense.split
        == SplitRule(
          .items,
          items: [
            .init("Pizza", amount: .minorUnits(2400), members: allMembers),
            .init("Wine", amount: .minorUnits(1600), members: [anna, bob]),
          ], tip: .minorUnits(400)))
  }

  @Test func itemsAreRemovedAndEscapeClosesOneLayer() {
    var state = receipt()
    state.press(.up, .up, .up)
    #expect(state.text.contains(">   Wine"))
    state.press(.enter)
    #expect(state.text.contains("> Item    Wine"))
    state.press(.escape)
    #expect(state.top is ExpenseForm && state.question == nil && state.text.contains("Wine"))
    state.press(.control("r"))
    #expect(!state.text.contains("Wine") && state.text.contains("Pizza"))
    state.press(.escape)
    #expect(state.question != nil)
  }

  @Test func itemWithoutAnAmountIsNamed() {
    var state = receipt()
    state.press(.control("n"))
    state.type("Water")
    state.press(.escape)
    #expect(state.press(.control("s")).isEmpty)
    #expect(state.text.contains("Water: Write an amount"))
  }

  @Test func aPaymentHasARateAndANote() throws {
    var state = Fixtures.openGroup()
    state.type("y")
    state.press(.tab, .tab)
    state.type("2000")
    state.press(.tab, .control("u"))
    state.type("JPY")
    state.press(.control("o"))
    state.type("0.0061")
    #expect(state.text.contains("= 12.20 EUR"))
    state.press(.tab)
    state.type("For the kitty")
    state.press(.tab)
    state.type("from the trip")
    guard case .createPayment(_, let payment) = try #require(state.press(.enter).first) else {
      Issue.record("no payment")
      return
    }
    #expect(payment.currency?.code == "JPY" && payment.rate?.text == "0.0061" && payment.to == .kitty)
    #expect(payment.description == "For the kitty" && payment.note == "from the trip")
  }

  @Test func historyShowsAmountsAndNames() {
    var state = Fixtures.openGroup()
    state.press(.enter)
    state.get(.entry(Fixtures.changedExpense))
    for words in [
      "amount: 14,000 JPY → 148.08 EUR", "in the books: 0.85 EUR → 148.08 EUR", "note: nothing → with tip",
      "paid by: Anna 14,000 → Bob 100.00, Kitty 48.08", "rate: 0.0061 → nothing",
      "shared by: Anna 0.43, Bob 0.42 → Anna 74.04, 井上 明子 74.04",
      "split: by shares, Anna ×2, Bob ×1 → equally, Anna, 井上 明子",
    ] { #expect(state.text.contains(words), "\(words)") }
  }
}
