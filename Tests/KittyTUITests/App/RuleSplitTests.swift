import KittyShared
import Testing

@testable import KittyTUI

/// The split of a rule: what is open to the members of each day stays open, unless the user names members.
struct RuleSplitTests {
  private let today = Day("2026-11-24")!
  private let group = Fixtures.group().id
  private static let people = Fixtures.members.map(\.id)

  /// Items of 900.00: one for all members of the day, one for two members, and one for all present members by name.
  private static let items = SplitRule(
    .items,
    items: [
      .init("Rent", amount: .minorUnits(50_000)),
      .init("Garage", amount: .minorUnits(30_000), members: [people[0], people[1]]),
      .init("Water", amount: .minorUnits(10_000), members: people),
    ])

  private func expense(_ split: SplitRule?, participants: [ID]? = nil) -> NewExpense {
    var expense = Fixtures.rent
    (expense.split, expense.participants) = (split, participants)
    return expense
  }

  private func form(_ expense: NewExpense?, _ data: GroupData = Fixtures.data) -> ExpenseForm {
    ExpenseForm(data, id: Fixtures.id(80), today: today, template: expense)
  }

  /// The group after another member has joined.
  private var larger: GroupData {
    var data = Fixtures.data
    data.update(
      Member(
        id: Fixtures.id(60), name: "Eva", user: nil, role: .guest, photo: nil,
        createdAt: Instant(milliseconds: 0), removedAt: nil))
    return data
  }

  private static let splits: [SplitRule?] = [
    nil, SplitRule(.equally), SplitRule(.shares), SplitRule.equally(people.dropLast()), items,
    SplitRule(.percentages, parts: [.init(people[0], percent: Percent(hundredths: 10_000))]),
  ]

  @Test(arguments: splits)
  func untouchedSplitIsSentAsItIsStored(split: SplitRule?) throws {
    let stored = expense(split)
    var form = form(stored, larger)
    form.form.restore(["description": "Flat"])
    let sent = try #require(try form.template().expense)
    #expect(sent.description == "Flat")
    #expect(sent.split == stored.split && sent.participants == stored.participants)
  }

  @Test func untouchedParticipantsAreSentAsTheyAreStored() throws {
    var form = form(expense(nil, participants: [Self.people[2], Self.people[0]]))
    form.form.restore(["amount": "950"])
    let sent = try #require(try form.template().expense)
    #expect(sent.participants == [Self.people[2], Self.people[0]] && sent.split == nil)
  }

  @Test(arguments: [SplitRule.Method.equally, .shares])
  func openSplitStaysOpenWhenTheAmountIsChanged(method: SplitRule.Method) {
    let rule = Fixtures.rule(
      80, .init(expense: expense(SplitRule(method))),
      Recurrence(from: Day("2026-01-31")!, step: 1, unit: .month), next: 10)
    var state = Fixtures.state(RecurringForm(Fixtures.data, changing: rule, today: today))
    state.press(.enter, .control("u"))
    state.type("950")
    state.press(.control("s"))
    let effects = state.press(.control("s"))
    guard case .changeRecurring(group, rule.id, 3, let change)? = effects.first else {
      Issue.record("\(effects) \(state.text)")
      return
    }
    #expect(change.template?.expense?.amount == .minorUnits(95_000))
    #expect(change.template?.expense?.split == SplitRule(method))
    #expect(change.template?.expense?.participants == nil)
  }

  @Test func itemsForAllStayOpenWhenAnItemIsChanged() throws {
    var form = form(expense(Self.items))
    form.form.restore(["amount": "950"])
    form.split.items.items[0].amount.set("550")
    let items = try #require(try form.template().expense?.split?.items)
    #expect(items.map(\.amount) == [55_000, 30_000, 10_000].map { AmountInput.minorUnits($0) })
    #expect(items[0].members == nil && items[1].members == [Self.people[0], Self.people[1]])
    #expect(items[2].members == Self.people, "all of them were named")
    form.split.items.items[0].members.remove(Self.people[1])
    let named = try form.template().expense?.split?.items?[0].members
    #expect(named == Self.people.filter { $0 != Self.people[1] })
  }

  @Test func membersThatAreChosenAreNamed() throws {
    for split in [SplitRule(.equally), nil] {
      var form = form(expense(split))
      form.split.toggle(1)
      #expect(try form.template().expense?.participants == Self.people.filter { $0 != Self.people[1] })
      // As before: it is not changed.
      form.split.toggle(1)
      let sent = try #require(try form.template().expense)
      #expect(sent.participants == nil && sent.split == split)
    }
    var shares = form(expense(SplitRule(.shares)))
    _ = shares.split.edit(.backspace, 0)
    _ = shares.split.edit(.character("3"), 0)
    #expect(try shares.template().expense?.split?.parts?.map(\.weight) == [3, 1, 1, 1])
  }

  @Test func itemsOfANewRuleAreForTheMembersOfEachDay() throws {
    func filled(_ form: ExpenseForm) -> ExpenseForm {
      var form = form
      form.form.restore(["description": "Box", "amount": "20"])
      form.split.choose(.items)
      let item = form.split.items.add()
      form.split.items.items[item].words.set("Vegetables")
      form.split.items.items[item].amount.set("20")
      return form
    }
    #expect(try filled(form(nil)).template().expense?.split?.items?.map(\.members) == [nil])
    let expense = ExpenseForm(Fixtures.data, id: Fixtures.id(80), today: today)
    #expect(try filled(expense).request().split?.items?.map(\.members) == [Self.people])
  }

  @Test func memberWhoHasLeftIsNotSentAgain() throws {
    var data = Fixtures.data
    data.members.remove(at: 1)
    let parts: [SplitRule.Part] = [.init(Self.people[0], weight: 2), .init(Self.people[1], weight: 1)]
    let form = form(expense(SplitRule(.shares, parts: parts)), data)
    #expect(form.form.error.string.contains("has left"))
    #expect(try form.template().expense?.split?.parts == [parts[0]])
  }

  @Test func amountsOfASplitAreInTheCurrencyThatIsChosen() throws {
    let parts: [SplitRule.Part] = [
      .init(Self.people[0], amount: .minorUnits(60_000)), .init(Self.people[1], amount: .minorUnits(30_000)),
    ]
    var form = form(expense(SplitRule(.exact, parts: parts)))
    form.form.restore(["currency": "KWD"])
    let sent = try #require(try form.template().expense)
    #expect(sent.amount == .minorUnits(900_000))
    #expect(sent.split?.parts?.map(\.amount) == [.minorUnits(600_000), .minorUnits(300_000)])
  }

  /// Returns the form of a draft in the group with another member.
  private func reopened(_ draft: Draft?) throws -> RecurringForm {
    let bytes = try JSON.encode(try #require(draft))
    let form = try JSON.decode(Draft.self, from: bytes).form(larger, today: today)
    return try #require(form as? RecurringForm)
  }

  @Test(arguments: [nil, SplitRule(.shares)] as [SplitRule?])
  func draftOfDaysDoesNotChangeTheEntry(split: SplitRule?) throws {
    let rule = Fixtures.rule(
      80, .init(expense: expense(split)), Recurrence(from: Day("2026-01-31")!, step: 1, unit: .month),
      next: 10)
    var state = Fixtures.state(RecurringForm(Fixtures.data, changing: rule, today: today))
    state.press(.control("s"))
    state.type("2")
    let form = try reopened(state.top.draft)
    guard case .changeRecurring(_, _, 3, let change) = try form.effect() else {
      Issue.record("no change")
      return
    }
    #expect(change.every == Every(12, .month) && change.template == nil)
  }

  @Test func draftOfANewRuleKeepsTheDefaultSplit() throws {
    var state = Fixtures.state(RecurringForm(Fixtures.data, id: Fixtures.id(777), today: today))
    state.type("Rent")
    state.press(.enter)
    state.type("900")
    guard case .makeRecurring(_, let new) = try reopened(state.top.draft).effect() else {
      Issue.record("no rule")
      return
    }
    #expect(new.template.expense?.participants == nil && new.template.expense?.split == nil)
  }

  @Test func draftKeepsWhichItemsAreOpen() throws {
    var form = form(expense(Self.items))
    form.form.restore(["amount": "950"])
    form.split.items.items[0].amount.set("550")
    var draft = Draft(.init(kind: .recurring, id: Fixtures.id(80)))
    form.write(to: &draft)
    var again = self.form(expense(Self.items), larger)
    again.restore(draft)
    let items = try #require(try again.template().expense?.split?.items)
    #expect(items[0].members == nil && items[1].members?.count == 2)
    #expect(Set(items[2].members ?? []) == Set(Self.people))
  }
}
