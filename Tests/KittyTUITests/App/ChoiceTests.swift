import KittyShared
import Testing

@testable import KittyTUI

/// Choices by typing, in all forms.
struct ChoiceTests {
  private func expense() -> AppState {
    var state = Fixtures.openGroup()
    state.type("aTaxi")
    state.press(.tab)
    state.type("100")
    return state
  }

  private func sent(_ effects: [Effect]) throws -> NewExpense {
    guard case .createExpense(_, let expense) = try #require(effects.first) else {
      throw Rejection.notFound("expense")
    }
    return expense
  }

  @Test func lettersNarrowThePayersAndEnterTakes() throws {
    var state = expense()
    state.press(.tab, .tab)
    #expect(state.text.contains("letters choose"))
    state.type("lang")
    #expect(state.text.contains("> Carl Constantin von Langenname  paid 2 of the last 10"))
    #expect(!state.text.contains("Bob  paid") && state.text.contains("Enter take"))
    state.press(.enter)
    #expect(state.text.contains("‹ Carl Constantin von Langenname ›"))
    // Enter goes on to the next line.
    #expect(state.text.contains("> Split"))
    #expect(try sent(state.press(.control("s"))).payer == .member(Fixtures.members[2].id))
  }

  @Test func escapeRestoresAndSpaceChangesNothing() throws {
    var state = expense()
    state.press(.tab, .tab)
    state.type(" ")
    // The whole list, those first who paid most often.
    let lines = state.text.split(separator: "\n")
    let place = { (name: String) in lines.lastIndex { $0.contains(name) } ?? -1 }
    let order = ["> Anna ", "paid 3 of the last 10", "paid 2 of the last 10", "several", "  Kitty"].map(place)
    #expect(order == order.sorted() && order[0] > 0, "\(state.text)")
    state.type("bo")
    state.press(.escape)
    #expect(state.text.contains("‹ Anna ›") && state.top is ExpenseForm && state.question == nil)
    state.type(" ")
    state.press(.escape)
    #expect(try sent(state.press(.control("s"))).payer == .member(Fixtures.members[0].id))
  }

  @Test func listIsMovedInByAllKeys() {
    var state = expense()
    state.press(.tab, .tab)
    state.type(" ")
    state.press(.end)
    #expect(state.text.contains("> Kitty"))
    state.press(.up)
    #expect(state.text.contains("> several"))
    state.press(.pageUp)
    #expect(state.text.contains("> Anna"))
    state.press(.pageDown, .home, .down)
    #expect(state.text.contains("> 井上 明子"))
    state.press(.tab)
    #expect(state.text.contains("‹ 井上 明子 ›") && state.text.contains("> Split"))
  }

  @Test func unknownLettersAreNotTaken() {
    var state = expense()
    state.press(.tab, .tab)
    state.type("xyz")
    #expect(state.text.contains("Nothing here has these letters."))
    #expect(state.press(.enter).isEmpty && state.press(.control("s")).isEmpty)
    #expect(state.text.contains("xyz"))
    state.press(.backspace, .backspace, .backspace)
    #expect(state.text.contains("> Anna"))
    state.type("xyz")
    state.press(.escape)
    #expect(state.text.contains("‹ Anna ›"))
  }

  @Test func kindOfSplitIsChosenByTyping() throws {
    var state = expense()
    state.press(.tab, .tab, .tab)
    state.type("perc")
    state.press(.enter)
    #expect(state.text.contains("‹ by percentages ›") && state.text.contains("> [x] Anna"))
  }

  @Test func currencyIsChosenByNameAndTheLikelyOnesAreFirst() throws {
    var state = expense()
    state.press(.control("o"), .control("u"))
    let all = state.text
    #expect(all.contains("> EUR  Euro") && all.contains("1 of \(Currency.all.count)"))
    state.type("us dol")
    #expect(state.text.contains("> USD  US Dollar"))
    state.press(.enter)
    #expect(state.text.contains("Currency  USD") && state.text.contains("= 100.00 USD"))
    #expect(try sent(state.press(.control("s"))).currency?.code == "USD")
    // Letters replace the code; Esc brings it back.
    state = expense()
    state.press(.control("o"))
    state.type("yen")
    #expect(state.text.contains("> JPY"))
    state.press(.escape)
    #expect(state.text.contains("Currency  EUR"))
    state.type("jpy")
    state.press(.control("s"))
    // The list is taken before the form is sent.
    #expect(state.text.contains("JPY"))
  }

  @Test func lastCurrencyIsTakenBeforeEnterSaves() throws {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    state.type("nHome")
    state.press(.enter)
    state.type("swiss")
    #expect(state.text.contains("CHF  Swiss Franc"))
    #expect(state.press(.enter).isEmpty && state.text.contains("CHF is Swiss Franc"))
    guard case .createGroup(let group) = try #require(state.press(.enter).first) else {
      Issue.record("no group")
      return
    }
    #expect(group.currency?.code == "CHF")
  }

  @Test func paymentOffersNoAccountToItself() throws {
    var state = Fixtures.openGroup()
    state.type("y")
    state.type("bob")
    state.press(.enter)
    #expect(state.text.contains("‹ Bob ›") && state.text.contains("> To"))
    state.type("bob")
    #expect(state.text.contains("Nothing here has these letters."))
    state.press(.escape)
    state.type("anna")
    state.press(.enter)
    state.type("20")
    guard case .createPayment(_, let payment) = try #require(state.press(.control("s")).first) else {
      Issue.record("no payment")
      return
    }
    #expect(payment.from == .member(Fixtures.members[1].id) && payment.to == .member(Fixtures.members[0].id))
  }

  @Test func guestAndRoleOfAnInviteAreChosenByTyping() {
    var state = Fixtures.openGroup()
    state.perform(InviteForm(Fixtures.data, id: Fixtures.id(777)))
    state.type("bob")
    state.press(.enter)
    #expect(state.text.contains("‹ Bob ›"))
    state.type("view")
    #expect(state.text.contains("viewer  can see everything but change nothing"))
    state.press(.enter)
    #expect(state.text.contains("‹ viewer ›"))
  }

  @Test func letterGoesToAMemberInALongList() {
    var state = expense()
    state.press(.tab, .tab, .tab, .tab)
    state.type("明")
    #expect(state.text.contains("Go to") && state.text.contains("> 井上 明子"))
    state.press(.enter)
    #expect(state.text.contains("> [x] 井上 明子"))
    state.type(" ")
    #expect(state.text.contains("> [ ] 井上 明子"))
    state.press(.pageUp)
    #expect(state.text.contains("> [x] Anna"))
  }

  @Test func neitherCaseNorAccentsMatter() {
    let options = ["Zoë", "Ömer Ağa", "Éric"].enumerated().map {
      Picker.Option($0.offset, SafeText($0.element))
    }
    func found(_ text: String) -> [String] {
      var list = Picker(options, at: nil)
      _ = list.press(.paste(text))
      return list.matches.map(\.name.string)
    }
    #expect(found("zoe") == ["Zoë"] && found("OMER") == ["Ömer Ağa"] && found("aga o") == ["Ömer Ağa"])
    #expect(found("e") == ["Éric", "Zoë", "Ömer Ağa"] && found("") == ["Zoë", "Ömer Ağa", "Éric"])
  }
}
