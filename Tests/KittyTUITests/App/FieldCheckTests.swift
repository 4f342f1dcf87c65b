import KittyShared
import Testing

@testable import KittyTUI

/// Fields that are checked when they are left, and the focus after a refused save.
struct FieldCheckTests {
  private func below(_ label: String, _ state: AppState) -> String {
    let lines = state.text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let index = lines.firstIndex(where: { $0.contains(label) }), index + 1 < lines.count else {
      return ""
    }
    return String(lines[index + 1])
  }

  @Test func eachFieldOfAnExpenseIsCheckedWhenItIsLeft() {
    var state = Fixtures.openGroup()
    state.type("a")
    state.press(.tab)
    #expect(below("What for", state).contains("The text must not be blank."))
    state.type("1,234")
    state.press(.tab)
    #expect(below("Amount", state).contains("could mean 1234 or 1.234"))
    state.press(.control("u"))
    state.type("3/4/2026")
    state.press(.enter)
    #expect(below("Date", state).contains("could be Fri 3 April or Wed 4 March"))
    // The error goes with the first edit.
    state.press(.up)
    state.type("x")
    #expect(!below("Date", state).contains("could be"))
  }

  @Test func firstWrongFieldHasTheFocusAfterARefusedSave() {
    var state = Fixtures.openGroup()
    state.type("a")
    state.press(.tab)
    state.type("x")
    state.press(.tab, .control("u"))
    state.type("soon")
    state.press(.tab, .tab, .tab)
    #expect(state.press(.control("s")).isEmpty)
    for words in ["must not be blank", "must not be here", "Write a date such as"] {
      #expect(state.text.contains(words), "\(words)")
    }
    #expect(state.view().cursor?.row == 2 && state.text.contains("> What for"))
  }

  @Test func dateSaysWhatIsUnderstood() {
    var state = Fixtures.openGroup()
    state.type("aTaxi")
    state.press(.tab, .tab, .control("u"))
    for (text, words) in [
      ("fri", "= Fri 20 November"), ("-2", "= Sun 22 November"), ("28.11.", "= Sat 28 November"),
    ] {
      state.press(.control("u"))
      state.type(text)
      #expect(state.text.contains(words), "\(text)")
    }
    state.press(.control("u"))
    state.type("28.12.")
    #expect(state.text.contains("= Sun 28 December 2025"))
    state = Fixtures.openGroup()
    state.type("y")
    state.press(.tab, .tab, .tab, .tab, .control("u"))
    state.type("fri")
    #expect(state.text.contains("= Fri 20 November"))
  }

  @Test func everyFormTakesTheSameDates() throws {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([Fixtures.group()]))
    state.type("e")
    state.press(.enter)
    state.type("fri")
    #expect(state.text.contains("= Fri 20 November"))
    guard case .changeGroup(_, _, let change) = try #require(state.press(.enter).first) else {
      Issue.record("no change")
      return
    }
    #expect(change.closedUntil == .set(Day("2026-11-20")!))
    state = Fixtures.openGroup()
    state.type("b")
    state.press(.control("u"))
    state.type("-2")
    #expect(state.press(.enter) == [.loadBalances(Fixtures.group().id, at: Day("2026-11-22")!)])
  }

  @Test func wrongWeightHasTheFocusAndItsMessage() {
    var state = Fixtures.openGroup()
    state.type("aTaxi")
    state.press(.tab)
    state.type("100")
    state.press(.tab, .tab, .tab, .right, .tab)
    state.type("2")
    state.press(.tab)
    state.type("1.5")
    state.press(.tab)
    #expect(below("[x] Bob", state).contains("Bob: write a whole number"))
    state.press(.up, .up, .up, .up)
    #expect(state.press(.control("s")).isEmpty)
    #expect(state.text.contains("> [x] Bob") && below("[x] Bob", state).contains("Bob: write a whole number"))
  }

  @Test func wrongAmountOfAPayerHasTheFocus() {
    var state = Fixtures.openGroup()
    state.type("aTaxi")
    state.press(.tab)
    state.type("100")
    state.press(.tab, .tab)
    state.type("sev")
    state.press(.enter)
    state.type("60")
    state.press(.enter)
    state.type("4x")
    state.press(.enter)
    #expect(state.text.contains("Bob: "))
    state.press(.up, .up, .up)
    #expect(state.press(.control("s")).isEmpty && state.text.contains("> ") && state.text.contains("Bob: "))
    let row = state.text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
      $0.contains("4x")
    }
    #expect(state.view().cursor?.row == row)
  }

  @Test func paymentsAndCountsAreChecked() {
    var state = Fixtures.openGroup()
    state.type("y")
    state.press(.tab, .tab)
    state.type("-5")
    state.press(.tab)
    #expect(below("Amount", state).contains("greater than zero"))
    #expect(state.press(.control("s")).isEmpty && state.text.contains("> Amount"))
    state = Fixtures.openGroup()
    state.type("t1,234")
    state.press(.enter)
    #expect(below("Counted", state).contains("could mean"))
  }

  @Test func otherFormsAreChecked() {
    var state = Fixtures.openGroup()
    state.type("m")
    state.press(.enter)
    #expect(below("Name", state).contains("must not be blank"))
    state.press(.control("u"))
    state.type("2.5")
    #expect(state.press(.enter).isEmpty)
    // Both are shown; the name is the first.
    #expect(below("Weight", state).contains("whole number") && state.text.contains("> Name"))
    state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    state.type("n")
    state.press(.tab)
    #expect(below("Name", state).contains("must not be blank"))
    state = Fixtures.openGroup()
    state.perform(InviteForm(Fixtures.data, id: Fixtures.id(777)))
    state.press(.tab, .tab, .control("u"))
    state.type("x")
    state.press(.tab)
    #expect(below("Days", state).contains("whole number"))
  }

  @Test func itemIsCheckedAndEnterGoesToItsPeople() {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    state.press(.tab, .tab, .tab, .tab)
    state.type("items")
    state.press(.enter, .enter)
    state.type("Pizza")
    state.press(.enter)
    state.type("1,234")
    state.press(.enter)
    #expect(below("Amount", state).contains("could mean") && state.text.contains("> [x] Anna"))
    state.press(.up, .control("u"))
    state.type("24")
    for _ in 0..<4 { state.press(.enter) }
    #expect(state.text.contains("> [x] 井上 明子"))
    state.press(.enter)
    #expect(state.text.contains("> Tags") && state.text.contains("Enter to the list"))
    state.press(.enter)
    #expect(state.text.contains("Item added"))
    state.press(.up, .enter, .escape)
    // The focus stays on the edited item.
    #expect(state.text.contains(">   Pizza"))
  }
}
