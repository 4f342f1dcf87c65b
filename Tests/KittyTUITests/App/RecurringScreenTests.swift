import KittyShared
import Testing

@testable import KittyTUI

/// The recurring entries of a group.
struct RecurringScreenTests {
  private let group = Fixtures.group().id

  private func openList() -> AppState {
    var state = Fixtures.openGroup()
    state.type("S")
    while !(state.top is RecurringScreen) {
      state.press(.down)
      if state.text.contains("> Recurring") { state.press(.enter) }
    }
    state.get(.recurring(group: group, Fixtures.rules))
    return state
  }

  @Test func listShowsStepNextDayAndProposals() {
    let state = openList()
    #expect(state.text.contains("Rent") && state.text.contains("every month"), "\(state.text)")
    #expect(state.text.contains("2026-11-30") && state.text.contains("1 proposal"), "\(state.text)")
  }

  @Test func amountsHaveTheMarkOfThousands() {
    var state = openList()
    var rules = Fixtures.rules
    rules[0].template.expense?.amount = .minorUnits(123_450)
    state.get(.recurring(group: group, rules))
    #expect(state.text.contains("\(Amount(123_450, Fixtures.eur).text()) EUR"), "\(state.text)")
    #expect(!state.text.contains("1234"))
  }

  @Test func unchangedRuleIsNotSent() {
    var state = Fixtures.state(
      RecurringForm(Fixtures.data, changing: Fixtures.rules[0], today: Day("2026-11-24")!))
    // The first is the page of the entry.
    state.press(.control("s"))
    #expect(state.press(.control("s")).isEmpty)
    #expect(state.text.contains("Nothing is changed yet."), "\(state.text)")
  }

  /// A long reason hides no state, neither its own nor that of other rules.
  @Test(arguments: [40, 60, 80, 120]) func stateIsShownAtEveryWidth(width: Int) {
    var state = Fixtures.state(RecurringScreen(Fixtures.askingData), width: width)
    state.get(.recurring(group: group, Fixtures.askingRules))
    for (name, words) in [("Rent", "waits"), ("Dues", "2 proposals"), ("Internet", "proposes")] {
      let line = state.text.split(separator: "\n").first { $0.contains(name) }
      #expect(line?.contains(words) == true, "\(state.text)")
    }
  }

  @Test func groupSaysWhatWaitsForAMember() {
    var state = Fixtures.openGroup()
    #expect(!state.text.contains("recurring:"))
    state.get(.group(Fixtures.askingData))
    #expect(state.text.contains("recurring: 1 waits, 2 to confirm"), "\(state.text)")
    state.type("S")
    #expect(state.text.contains("1 waits, 2 to confirm"), "\(state.text)")
    #expect([Recurring]().stateWords.string.isEmpty && Fixtures.rules.stateWords.string == "1 to confirm")
  }

  @Test func keyOfTheGroupOpensTheRules() {
    var state = Fixtures.openGroup()
    #expect(state.type("R") == [.loadRecurring(group)] && state.top is RecurringScreen)
    state.press(.escape)
    state.type("C")
    #expect(state.top is CategoriesScreen)
  }

  @Test func moreDaysAreReadAtTheEndOfTheList() {
    let rule = Fixtures.rules[1].id
    let reading = Effect.loadRule(group: group, rule: rule)
    func older(_ cursor: String) -> Effect { .loadDays(group: group, rule: rule, after: cursor) }
    func page(_ range: Range<Int>, next: String?) -> Message {
      .days(
        group: group, rule: rule, after: "c\(range.lowerBound)", Fixtures.manyDays(range, of: 650), next: next
      )
    }
    var state = Fixtures.state(RuleScreen(Fixtures.data, rule))
    #expect(state.start().contains(reading))
    state.get(.rule(group: group, Fixtures.manyDays(200, of: 650, older: 1)))
    state.finish(reading)
    #expect(state.text.contains("650 days are read"), "\(state.text)")
    // The earliest proposal that was read.
    #expect(state.text.contains("201 of 201+"), "\(state.text)")
    #expect(state.press(.up).isEmpty && state.press(.down) == [older("c200")])
    state.get(page(200..<400, next: "c400"))
    state.finish(older("c200"))
    // The proposal that was read before its page is there once.
    #expect(state.text.contains("201 of 400+"), "\(state.text)")
    // The latest days alone are read again.
    #expect(state.get(.rule(group: group, Fixtures.manyDays(200, of: 650, older: 1))).isEmpty)
    #expect(state.text.contains("201 of 400+"), "\(state.text)")
    #expect(state.type("G") == [older("c400")])
    #expect(state.get(page(400..<600, next: "c600")) == [older("c600")])
    state.finish(older("c400"))
    // The answer to an earlier question adds nothing.
    state.get(page(400..<600, next: "c600"))
    state.get(page(600..<650, next: nil))
    state.finish(older("c600"))
    #expect(state.text.contains("650 of 650") && state.text.contains("2020-01-01"), "\(state.text)")
    #expect(!state.text.contains("are read") && state.press(.down).isEmpty)
    #expect(state.type("c") == [.confirmOccurrence(group: group, rule: rule, 0)])
    #expect(state.get(.proposalDone(group: group, rule: rule, 0, booked: 7)) == [reading])
    let first = state.text.split(separator: "\n").last { $0.contains("2020-01-01") }
    #expect(first?.contains("booked") == true, "\(state.text)")
    state.get(.rule(group: group, Fixtures.manyDays(200, of: 650, older: 1, proposed: 648)))
    #expect(state.text.contains("650 of 650"), "\(state.text)")
  }

  @Test func olderDaysAreReadAgainAfterAnotherUserDecidedOne() {
    let rule = Fixtures.rules[1].id
    var state = Fixtures.state(RuleScreen(Fixtures.data, rule))
    _ = state.start()
    state.get(.rule(group: group, Fixtures.manyDays(200, of: 450, older: 1)))
    let first = Effect.loadDays(group: group, rule: rule, after: "c200")
    #expect(state.type("G") == [first])
    state.get(
      .days(group: group, rule: rule, after: "c200", Fixtures.manyDays(200..<400, of: 450), next: "c400"))
    state.press(.up)
    for effect in state.context.running { state.finish(effect) }
    let old = Fixtures.manyDays(200, of: 450, proposed: 200)
    // The only proposal beyond the first page is another one than was shown.
    let changed = RuleDetails(
      rule: old.rule, planned: [], problem: nil, days: old.days,
      proposals: Fixtures.manyDays(300..<301, of: 450), next: "c200")
    #expect(state.get(.rule(group: group, changed)).contains(first))
    var booked = Fixtures.manyDays(200..<400, of: 450)
    for index in booked.indices where index != 100 { booked[index].state = .booked }
    state.get(.days(group: group, rule: rule, after: "c200", booked, next: "c400"))
    // The line that was selected is still selected.
    #expect(state.text.contains("399 of 400+") && state.text.contains("booked"), "\(state.text)")
  }

  @Test func olderProposalsAreReadToo() async throws {
    let latest = Fixtures.manyDays(0..<200, of: 650)
    let older = Occurrence(k: 3, date: Day("2020-01-04")!, state: .proposed, at: Instant(milliseconds: 0))
    let rule = Fixtures.rule(
      81, Fixtures.rules[1].template, Recurrence(from: Day("2020-01-01")!, step: 1, unit: .day),
      mode: .propose,
      next: 650, proposed: 200)
    let server = try FakeServer { request in
      let line = request.line
      if line.contains("state=proposed") {
        let proposals = latest.filter { $0.state == .proposed } + [older]
        return (200, CommandTests.json(Page(items: proposals, next: nil)))
      }
      if line.contains("cursor=c") { return (200, CommandTests.json(Page(items: [older], next: nil))) }
      if line.contains("/occurrences") {
        return (200, CommandTests.json(Page(items: latest, next: "c")))
      }
      if line.contains("/preview") {
        return (200, CommandTests.json(Page<PlannedOccurrence>(items: [], next: nil)))
      }
      return (200, CommandTests.json(rule))
    }
    let messages = try await EffectRun.messages(
      of: .loadRule(group: group, rule: rule.id), port: server.port)
    guard case .rule(group, let found)? = messages.last else { return _ = Issue.record("\(messages)") }
    #expect(found.days == latest && found.proposals == [older] && found.next == "c")
    let more = try await EffectRun.messages(
      of: .loadDays(group: group, rule: rule.id, after: "c"), port: server.port)
    guard case .days(group, rule.id, "c", [older], nil)? = more.last else {
      return _ = Issue.record("\(more)")
    }
  }

  @Test func fieldsOfTheStepHaveTheirOwnErrors() {
    var state = openList()
    state.type("e")
    state.press(.control("s"))
    state.type("?")
    state.press(.tab, .tab)
    #expect(state.text.split(separator: "Write a whole number").count == 2, "\(state.text)")
  }

  @Test func ruleHasATimeZone() {
    var state = openList()
    state.type("e")
    state.press(.control("s"))
    #expect(state.text.contains("Europe/Berlin"), "\(state.text)")
    while !state.text.contains("> Time zone") { state.press(.tab) }
    state.press(.control("u"))
    #expect(
      state.press(.control("s")).isEmpty && state.text.contains("such as Europe/Berlin"), "\(state.text)")
    state.type("no zone")
    #expect(state.press(.control("s")).isEmpty)
    state.press(.control("u"))
    state.type("Asia/Tokyo")
    guard case .changeRecurring(group, _, 3, let change)? = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    var expected = RecurringChange()
    expected.zone = "Asia/Tokyo"
    #expect(change == expected)
  }

  @Test func newRuleIsAddedWithItsDaysInView() {
    var state = openList()
    state.type("n")
    #expect(state.top is RecurringForm && !state.text.contains("Date"), "\(state.text)")
    state.type("Water")
    state.press(.enter)
    state.type("30")
    state.press(.control("s"))
    state.press(.control("u"))
    state.type("90")
    state.press(.enter)
    state.type("day")
    state.press(.enter)
    state.press(.control("u"))
    state.type("2027-01-31")
    #expect(state.text.contains("Sun 2027-01-31, Sat 2027-05-01"), "\(state.text)")
    #expect(state.text.contains("as the group splits by default"), "\(state.text)")
    let new = NewRecurring(
      id: Fixtures.id(777),
      template: RecurringTemplate(
        expense: NewExpense(
          description: "Water", amount: .minorUnits(3000), currency: Fixtures.eur,
          payer: .member(Fixtures.members[0].id))),
      every: Every(90, .day), from: Day("2027-01-31")!, mode: .book)
    #expect(state.press(.control("s")) == [.makeRecurring(group: group, new)])
  }

  @Test func ruleHasTheSplitThatIsChosen() throws {
    var state = openList()
    state.type("n")
    state.type("Cleaning")
    state.press(.enter)
    state.type("40")
    while !state.text.contains("> [x] Bob") { state.press(.tab) }
    state.press(.character(" "), .control("s"))
    guard case .makeRecurring(group, let new)? = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    let expected = Fixtures.data.present.map(\.id).filter { $0 != Fixtures.members[1].id }
    #expect(Set(try #require(new.template.expense?.participants)) == Set(expected))
  }

  @Test func ruleOfAContributionIsAddedAndChanged() throws {
    var state = openList()
    state.type("p")
    #expect(state.text.contains("From") && state.text.contains("Kitty"), "\(state.text)")
    state.press(.tab, .tab)
    state.type("20")
    state.press(.enter, .enter)
    #expect(state.text.contains("20.00 EUR. Next:"), "\(state.text)")
    let payment = NewPayment(
      from: .member(Fixtures.members[0].id), to: .kitty, amount: .minorUnits(2000), currency: Fixtures.eur)
    let new = NewRecurring(
      id: Fixtures.id(777), template: RecurringTemplate(payment: payment), every: Every(1, .month),
      from: Day("2026-11-24")!, mode: .book)
    #expect(state.press(.control("s")) == [.makeRecurring(group: group, new)])

    state = openList()
    state.press(.down)
    state.type("e")
    #expect(state.text.contains("Bob") && state.text.contains("Dues"), "\(state.text)")
    state.press(.control("u"))
    state.type("25")
    state.press(.control("s"))
    guard
      case .changeRecurring(group, Fixtures.rules[1].id, 3, let change)? = state.press(.control("s")).first
    else {
      Issue.record("\(state.text)")
      return
    }
    var changed = try #require(Fixtures.rules[1].template.payment)
    changed.amount = .minorUnits(2500)
    #expect(change.template == RecurringTemplate(payment: changed))
    #expect(change.every == nil && change.from == nil && change.mode == nil)
  }

  @Test func changeSendsOnlyWhatWasChanged() {
    var state = openList()
    state.type("e")
    state.press(.enter)
    state.press(.control("u"))
    state.type("950")
    state.press(.control("s"))
    let effects = state.press(.control("s"))
    guard case .changeRecurring(group, Fixtures.rules[0].id, 3, let change)? = effects.first else {
      Issue.record("\(effects) \(state.text)")
      return
    }
    #expect(change.template?.expense?.amount == .minorUnits(95_000))
    #expect(change.template?.expense?.participants == nil && change.template?.expense?.split == nil)
    #expect(change.every == nil && change.from == nil && change.mode == nil)
  }

  @Test func everythingThatARuleHasStaysWhenItsAmountIsChanged() throws {
    let people = Fixtures.members
    let expense = NewExpense(
      description: "Rent #flat", amount: .minorUnits(90_000), currency: Fixtures.eur, note: "by transfer",
      tags: ["flat", "home"],
      payers: [
        Payer(.member(people[0].id), amount: .minorUnits(60_000)),
        Payer(.kitty, amount: .minorUnits(30_000)),
      ],
      split: SplitRule(
        .shares, parts: [.init(people[0].id, weight: 2), .init(people[1].id, weight: 1)]))
    let form = ExpenseForm(
      Fixtures.data, id: Fixtures.id(80), today: Day("2026-11-24")!, template: expense)
    var same = try #require(try form.template().expense)
    #expect(same.tags == ["home"], "the others are in the description")
    same.tags = expense.tags
    #expect(same == expense)
    var equalSplit = expense
    (equalSplit.split, equalSplit.participants) = (nil, people.prefix(3).map(\.id))
    let equal = ExpenseForm(
      Fixtures.data, id: Fixtures.id(80), today: Day("2026-11-24")!, template: equalSplit)
    #expect(Set(try equal.template().expense?.participants ?? []) == Set(equalSplit.participants ?? []))
  }

  @Test func escapeOnTheDaysGoesBackToTheEntry() {
    var state = openList()
    state.type("e")
    state.press(.control("s"))
    #expect(state.text.contains("Change rule: days"), "\(state.text)")
    state.press(.escape)
    #expect(state.top is RecurringForm && state.text.contains("What for"), "\(state.text)")
    state.press(.escape)
    #expect(state.top is RecurringScreen, "\(state.text)")
  }

  @Test func refusalOfTheServerIsShownAtTheEntry() {
    var state = openList()
    state.type("e")
    state.type("x")
    state.press(.control("s"))
    let effect = state.press(.control("s"))[0]
    let problem = Problem(
      Rejection.invalid("template.expense.payer", "not_a_member", "Bob is not a member of this group."))
    state.get(.failed(effect, .problem(problem)))
    #expect(state.text.contains("Bob is not a member") && state.text.contains("What for"), "\(state.text)")
  }

  @Test func entryThatTheRuleMadeMeanwhileIsNoReasonToAsk() throws {
    var state = openList()
    state.type("e")
    state.type("x")
    state.press(.control("s"))
    let effect = state.press(.control("s"))[0]
    let id = Fixtures.rules[0].id
    state.finish(effect)
    #expect(
      state.get(.failed(effect, .problem(Problem(Rejection.stale("rule", version: 4)))))
        .contains(.loadRule(group: group, rule: id)))
    let effects = state.get(
      .rule(group: group, RuleDetails(rule: Fixtures.bookedMeanwhile, planned: [], problem: nil, days: [])))
    guard case .changeRecurring(group, id, 4, let change)? = effects.first else {
      Issue.record("\(effects) \(state.text)")
      return
    }
    #expect(change.template?.expense?.description == "Rentx" && change.from == nil)
  }

  @Test func wrongFieldsSaySo() {
    var state = openList()
    state.type("n")
    state.press(.control("s"))
    #expect(state.text.contains("The text must not be blank."), "\(state.text)")
  }

  @Test func ruleIsRemovedAfterAQuestion() {
    var state = openList()
    state.type("d")
    #expect(state.text.contains("Remove the rule \"Rent\"?"), "\(state.text)")
    #expect(state.type("y") == [.removeRecurring(group: group, rule: Fixtures.rules[0].id)])
    state.get(.recurringRemoved(group: group, Fixtures.rules[0].id))
    #expect(!state.text.contains("Rent"), "\(state.text)")
  }

  @Test func proposalIsConfirmedOrSkipped() {
    var state = openList()
    state.press(.down)
    state.press(.enter)
    let rule = Fixtures.rules[1].id
    state.get(.rule(group: group, Fixtures.ruleDetails))
    #expect(state.text.contains("proposed") && state.text.contains("booked"), "\(state.text)")
    #expect(state.type("c") == [.confirmOccurrence(group: group, rule: rule, 1)])
    state.get(.proposalDone(group: group, rule: rule, 1, booked: 7))
    #expect(state.text.contains("Booked as #7."), "\(state.text)")
    for effect in state.context.running { state.finish(effect) }
    // It is booked at once, before the rule is read again.
    #expect(state.type("s").isEmpty && state.text.contains("This day is not a proposal."), "\(state.text)")
    state.get(.rule(group: group, Fixtures.ruleDetails))
    state.type("s")
    #expect(state.type("y") == [.skipOccurrence(group: group, rule: rule, 1)])
  }
}
