import KittyShared
import Testing

@testable import KittyTUI

/// A form with the input of a draft is the form that was left.
struct DraftFormTests {
  private let today = Day("2026-11-24")!
  private let group = Fixtures.group()

  /// A draft of a form after it was in a file.
  private func reopened(_ form: any Screen, _ type: (inout AppState) -> Void) throws -> any Screen {
    var state = Fixtures.openGroup()
    state.perform(form)
    type(&state)
    let draft = try #require(state.top.draft, "\(state.text)")
    let bytes = try JSON.encode(draft)
    #expect(try JSON.decode(Draft.self, from: bytes) == draft)
    let again = try #require(try JSON.decode(Draft.self, from: bytes).form(Fixtures.data, today: today))
    #expect(again.hasUnsaved && again.draftName == state.top.draftName)
    #expect(again.draft == draft, "the form of the draft has other input")
    return again
  }

  @Test(arguments: SplitFields.methods)
  func expenseIsPutBack(method: SplitRule.Method) throws {
    let form = ExpenseForm(Fixtures.data, id: Fixtures.id(777), today: today)
    let again = try reopened(form) { state in
      state.type("Dinner")
      state.press(.tab)
      state.type("12.5")
      state.press(.control("o"))
      state.press(.tab, .tab)
      state.type("two words")
      // Several payers.
      state.press(.tab, .left, .left)
      for _ in 0..<3 { state.press(.character(" ")) }
      state.press(.tab)
    }
    #expect(again is ExpenseForm)
    var split = ExpenseForm(Fixtures.data, id: Fixtures.id(777), today: today)
    _ = split.form.fields[0].input.edit(.character("x"))
    split.split.choose(method)
    split.payer = try #require(split.payers.firstIndex { $0 == nil })
    _ = split.several.edit(.character("7"), 1)
    if method == .items {
      let index = split.split.items.add()
      _ = split.split.items.items[index].words.edit(.paste("Käse"))
      _ = split.split.items.items[index].amount.edit(.character("3"))
      split.split.items.items[index].members = [Fixtures.members[2].id]
      _ = split.split.items.extras[1].edit(.character("2"))
    } else {
      split.split.toggle(1)
      _ = split.split.edit(.character("4"), 2)
    }
    let back = try #require(try reopened(split) { _ in } as? ExpenseForm)
    #expect(back.split.method == method && back.isSeveral)
  }

  @Test func changedExpenseKeepsItsVersion() throws {
    let old = Fixtures.expenses[0]
    let again = try reopened(ExpenseForm(Fixtures.data, id: old.id, today: today, changing: old)) {
      $0.type(" with wine")
    }
    let form = try #require(again as? ExpenseForm)
    #expect(form.old == old && form.version == 1)
    guard case .changeExpense(_, old.id, 1, let change) = try form.effect() else {
      Issue.record("no change")
      return
    }
    #expect(change.description == "Dinner with wine")
  }

  @Test func otherFormsArePutBack() throws {
    let data = Fixtures.data
    let (bob, id) = (Fixtures.members[1], Fixtures.id(777))
    let forms: [any Screen] = [
      PaymentForm(data, id: id, today: today), PaymentForm(data, .count, id: id, today: today),
      CommentForm(group: group.id, entry: Fixtures.expenses[0], id: id), MemberForm(group: group.id, id: id),
      MemberForm(group: group.id, changing: bob), GroupForm(id: id), GroupForm(renaming: group, today: today),
    ]
    for form in forms {
      _ = try reopened(form) { state in
        if form.draftName?.kind == .payment { state.press(.down, .down) }
        state.type("7 x")
      }
    }
    let invite = try reopened(InviteForm(data, id: id)) { state in
      state.press(.right, .right, .tab, .right, .tab)
      state.type("4")
    }
    #expect(invite.draft?.choices["guest"] == Fixtures.members[2].id.description)
    #expect(invite.draft?.choices["role"] == "viewer" && invite.draft?.fields["days"] == "74")
    let line = KittyScreen.Contribution(
      member: bob.id, currency: Fixtures.eur, target: 10_000, contributed: 0)
    let target = try reopened(TargetForm(data, line)) { $0.type("9") }
    #expect(target.draft?.fields["targets.0.amount"] == "100.009")
  }

  @Test func rulesArePutBack() throws {
    let data = Fixtures.data
    let new = try reopened(RecurringForm(data, id: Fixtures.id(777), today: today)) { state in
      state.type("Rent")
      state.press(.tab)
      state.type("900")
      while !state.text.contains("> [x] Bob") { state.press(.tab) }
      state.press(.character(" "), .control("s"))
      state.type("2")
    }
    #expect(new.draft?.fields["n"] == "12" && new.draft?.members.count == data.present.count - 1)
    for (rule, kind) in zip(Fixtures.rules, ["expense", "payment"]) {
      let changed = try reopened(RecurringForm(data, changing: rule, today: today)) { $0.type("7") }
      #expect(changed.draft?.rule == rule && changed.draft?.choices["kind"] == kind)
    }
    let payment = try reopened(RecurringForm(data, .payment, id: Fixtures.id(777), today: today)) { state in
      state.press(.tab, .tab)
      state.type("20")
    }
    #expect(payment.draft?.choices["to"] == "kitty" && payment.title.string == "New rule")
  }

  @Test func formsOfTheAccountArePutBack() throws {
    let (user, id) = (Account.user(), Fixtures.id(777))
    for form in [ProfileForm(user, at: "displayName"), ImportForm(id: id, key: Fixtures.id(778))]
      as [any Screen]
    {
      _ = try reopened(form) { $0.type("x") }
    }
    let address = try reopened(AddressForm(user)) { state in
      state.type(".uk")
      state.press(.tab)
      state.type("a long password")
    }
    #expect(address.draft?.fields == ["email": "anna@example.org.uk"], "a password is in no draft")
    let token = try reopened(TokenForm(id: id, groups: [group], today: today)) { state in
      state.type("backup")
      state.press(.tab, .tab, .right, .tab, .right)
    }
    #expect(token.draft?.choices == ["rights": "read, write", "only": group.id.description])
  }

  @Test func draftWithoutAGroupIsOpenedAtOnce() throws {
    var form = TokenForm(id: Fixtures.id(777), groups: [group], today: today)
    form.form.fields[0].input.set("backup")
    var draft = try #require(form.draft)
    draft.user = "anna"
    let stored = Draft.Stored(file: Fixtures.id(600), savedAt: Instant(milliseconds: 0), draft: draft)
    var state = Fixtures.state(DraftsScreen([stored]))
    #expect(state.text.contains("an unsaved API token") && state.text.contains("backup"))
    #expect(state.press(.enter).contains(.you(.loadGroups)))
    #expect(state.top is TokenForm && state.text.contains("backup"))
  }

  @Test func suggestedPaymentIsStillOnlyEnteredWhileItIsOwed() throws {
    let (anna, bob) = (Fixtures.members[0].id, Fixtures.members[1].id)
    let transfer = Transfer(from: .member(bob), to: .member(anna), amount: 3333, currency: Fixtures.eur)
    let form = PaymentForm(
      Fixtures.data, id: Fixtures.id(777), today: today, suggestion: transfer, onlyIfOwed: true)
    var state = Fixtures.openGroup()
    state.perform(
      try reopened(form) { state in
        state.press(.control("o"), .tab)
        state.type("thanks")
      })
    guard case .createPayment(_, let payment) = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(payment.onlyIfOwed == true && payment.from == .member(bob) && payment.description == "thanks")
  }

  @Test func memberWhoLeftIsSaid() throws {
    var form = ExpenseForm(Fixtures.data, id: Fixtures.id(777), today: today)
    _ = form.form.fields[0].input.edit(.character("x"))
    form.payer = 1
    let draft = try #require(form.draft)
    var data = Fixtures.data
    data.members.removeAll { $0.id == Fixtures.members[1].id }
    let again = try #require(draft.form(data, today: today) as? ExpenseForm)
    #expect(again.form.error.string.contains("a member has left the group") && again.participants.count == 3)
    #expect(again.form["description"] == "x")
  }
}
