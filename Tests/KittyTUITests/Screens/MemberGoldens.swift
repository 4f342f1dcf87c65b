import KittyShared

@testable import KittyTUI

/// Golden cases of the members, the settings of a group, and its files.
enum MemberGoldens {
  static let all: [GoldenScreen] = [
    .init("members") {
      var state = Fixtures.openMembers()
      state.type("f")
      state.press(.down)
      return state
    },
    .init("members-remove") {
      var state = Fixtures.openMembers()
      state.press(.down)
      state.type("dy")
      let effect = Effect.removeMember(group: Fixtures.group().id, member: Fixtures.members[1].id)
      state.get(.failed(effect, .rejected(.conflict("balance_not_zero", "force=true"))))
      return state
    },
    .init("role") {
      var state = Fixtures.openMembers()
      state.press(.down)
      state.type("c")
      return state
    },
    .init("categories") {
      var data = Fixtures.data
      data.categories = Fixtures.categories
      var state = Fixtures.state(CategoriesScreen(data))
      state.press(.down)
      return state
    },
    .init("category-form") {
      var data = Fixtures.data
      data.categories = Fixtures.categories
      var state = Fixtures.state(CategoriesScreen(data))
      state.type("nSnacks")
      state.press(.enter)
      state.type(" ")
      return state
    },
    .init("category-remove") {
      var data = Fixtures.data
      data.categories = Fixtures.categories
      return Fixtures.state(CategoryRemovalForm(data, Fixtures.categories[0]))
    },
    .init("expense-category") {
      var data = Fixtures.data
      data.categories = Fixtures.categories
      var state = Fixtures.openGroup()
      state.get(.group(data))
      state.type("aCheese #party")
      state.press(.enter)
      state.type("18")
      state.press(.enter, .enter)
      state.type(" ")
      return state
    },
    .init("recurring") {
      var state = Fixtures.state(RecurringScreen(Fixtures.data))
      state.get(.recurring(group: Fixtures.group().id, Fixtures.rules))
      state.press(.down)
      return state
    },
    .init("recurring-asking") {
      var state = Fixtures.state(RecurringScreen(Fixtures.askingData))
      state.get(.recurring(group: Fixtures.group().id, Fixtures.askingRules))
      return state
    },
    .init("group-recurring") {
      var state = Fixtures.openGroup()
      state.get(.group(Fixtures.askingData))
      return state
    },
    .init("recurring-many-days") {
      var state = Fixtures.state(RuleScreen(Fixtures.data, Fixtures.rules[1].id))
      state.get(.rule(group: Fixtures.group().id, Fixtures.manyDays(200, of: 1619)))
      return state
    },
    .init("recurring-rule") {
      var state = Fixtures.state(RuleScreen(Fixtures.data, Fixtures.rules[1].id))
      state.get(.rule(group: Fixtures.group().id, Fixtures.ruleDetails))
      return state
    },
    .init("recurring-form") {
      var state = Fixtures.state(
        RecurringForm(Fixtures.data, id: Fixtures.id(777), today: Day("2026-11-30")!))
      state.type("Rent")
      state.press(.enter)
      state.type("900")
      return state
    },
    .init("recurring-days") {
      var state = Fixtures.state(
        RecurringForm(Fixtures.data, .payment, id: Fixtures.id(777), today: Day("2026-11-30")!))
      state.press(.tab, .tab)
      state.type("20")
      state.press(.control("s"))
      return state
    },
    .init("group-viewer") { Fixtures.open(Fixtures.group(as: .viewer)) },
    .init("group-settings") {
      var state = Fixtures.open(Fixtures.group(as: .owner, closedUntil: Day("2026-10-31")!))
      state.type("S")
      state.press(.down)
      return state
    },
    .init("group-settings-member") {
      var state = Fixtures.open(Fixtures.group(as: .member, ownEntriesOnly: true))
      state.type("SD")
      return state
    },
    .init("deleted-entries") {
      var state = Fixtures.openGroup()
      state.type("D")
      state.get(
        .deletedEntries(
          group: Fixtures.group().id, after: nil, Fixtures.expenses[2..<5].map(Fixtures.deleted), next: nil))
      return state
    },
    .init("export") {
      var state = Fixtures.openGroup()
      state.type("Sx")
      state.press(.control("s"))
      state.get(.fileExists("~/flat-12.json"))
      return state
    },
    .init("import") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([]))
      state.type("I~/flat-12.json")
      return state
    },
    .init("import-renamed") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([]))
      state.type("I~/flat-12.json")
      state.press(.enter)
      state.get(.importFound(path: "~/flat-12.json", isExport: true))
      state.get(
        .imported(
          ImportedGroup(
            group: Fixtures.group(),
            renamed: [
              .init(member: Fixtures.id(2), from: "Bob", to: "Bob 2"),
              .init(member: Fixtures.id(3), from: "井上", to: "井上 2"),
            ])))
      return state
    },
    .init("settle-centre") {
      var state = Fixtures.openGroup()
      state.type("s")
      state.get(.plan(group: Fixtures.group().id, SettlementPlan(payments: [], methods: [])))
      state.type("C")
      state.press(.down, .down)
      return state
    },
  ]
}
