import KittyShared
import Testing

@testable import KittyTUI

/// The categories of a group, and the category of an expense.
struct CategoryScreenTests {
  private let group = Fixtures.group().id
  private let all = Fixtures.categories

  private static func data(_ categories: [KittyShared.Category] = Fixtures.categories) -> GroupData {
    var data = Fixtures.data
    data.categories = categories
    return data
  }

  private func open(_ categories: [KittyShared.Category] = Fixtures.categories) -> AppState {
    var state = Fixtures.openGroup()
    state.get(.group(Self.data(categories)))
    return state
  }

  private func openList(_ categories: [KittyShared.Category] = Fixtures.categories) -> AppState {
    var state = open(categories)
    state.type("S")
    while !(state.top is CategoriesScreen) {
      state.press(.down)
      if state.text.contains("> Categories") { state.press(.enter) }
    }
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  @Test func listIsATree() {
    let state = openList()
    let rows = state.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      rows.contains("> Food") && rows.contains("Groceries") && rows.contains("Old archived"), "\(state.text)")
  }

  @Test func emptyListOffersTheStandardOnes() {
    var state = openList([])
    #expect(state.text.contains("No categories yet."), "\(state.text)")
    #expect(state.type("s") == [.addStandardCategories(group)])
    state.get(.categories(group: group, all))
    #expect(
      state.text.contains("4 categories were added.") && state.text.contains("Groceries"), "\(state.text)")
  }

  @Test func newOneIsAddedBelowAnother() {
    var state = openList()
    state.type("n")
    state.type("Snacks")
    state.press(.enter)
    state.type("fo")
    state.press(.enter)
    let new = NewCategory(id: Fixtures.id(777), name: "Snacks", parent: all[0].id)
    #expect(state.press(.control("s")) == [.addCategory(group: group, new)])
    let added = KittyShared.Category(
      id: Fixtures.id(777), name: "Snacks", parent: all[0].id, createdAt: Instant(milliseconds: 0))
    state.get(.categorySaved(group: group, added))
    #expect(state.top is CategoriesScreen && state.text.contains(">   Snacks"), "\(state.text)")
  }

  @Test func oneIsRenamedAndArchived() {
    var state = openList()
    state.press(.down)
    state.type("e")
    state.press(.control("u"))
    state.type("Shops")
    #expect(
      state.press(.control("s")) == [
        .changeCategory(group: group, category: all[1].id, version: 1, CategoryChange(name: "Shops"))
      ])
    state = openList()
    #expect(
      state.type("A") == [
        .changeCategory(group: group, category: all[0].id, version: 1, CategoryChange(archived: true))
      ])
  }

  @Test func removedOneWithEntriesAsksForAnother() {
    var state = openList()
    state.type("d")
    let effect = Effect.removeCategory(group: group, category: all[0].id)
    #expect(state.type("y") == [effect])
    state.get(.failed(effect, .rejected(.conflict("in_use", "3 entries"))))
    state.finish(effect)
    #expect(state.top is CategoryRemovalForm, "\(state.text)")
    // Without a choice nothing is moved.
    #expect(state.press(.enter).isEmpty && state.text.contains("Choose a category"), "\(state.text)")
    state.type("home")
    state.press(.enter)
    let into = Effect.removeCategory(group: group, category: all[0].id, into: "\(all[2].id)")
    #expect(state.press(.enter) == [into])
    state.get(.categoryRemoved(group: group, all[0].id))
    #expect(state.top is CategoriesScreen && state.text.contains("Removed."), "\(state.text)")
  }

  @Test func expenseGetsACategory() throws {
    var state = open()
    state.type("a")
    state.type("Cheese")
    state.press(.enter)
    state.type("18")
    state.press(.enter, .enter)
    state.type("gro")
    #expect(state.text.contains("Food › Groceries") && !state.text.contains("Old"), "\(state.text)")
    state.press(.enter)
    guard case .createExpense(_, let expense)? = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(expense.category == all[1].id)
  }

  @Test func categoryOfAnExpenseIsKeptAndTakenAway() throws {
    let old = Fixtures.expenses[0]
    var content = old.content
    content.category = all[3].id
    content.tags = ["trip"]
    let entry = Entry(
      id: old.id, number: old.number, content: content, createdBy: old.createdBy, createdAt: old.createdAt,
      changedAt: old.changedAt, deletedAt: nil, commentCount: 0, version: 1)
    var form = ExpenseForm(Self.data(), id: old.id, today: Day("2026-11-24")!, changing: entry)
    guard case .changeExpense(_, _, _, let kept) = try form.effect() else {
      return _ = Issue.record("no change")
    }
    #expect(kept.category == .keep)
    let index = try #require(form.form.fields.firstIndex { $0.name == "category" })
    // An archived one may stay.
    #expect(form.form.fields[index].input.text == "Old")
    form.form.fields[index].input.set("none")
    guard case .changeExpense(_, _, _, let gone) = try form.effect() else {
      return _ = Issue.record("no change")
    }
    #expect(gone.category == .clear)
    form.form.fields[index].input.set("Pets")
    #expect(throws: Rejection.self) { try form.effect() }
    var state = open()
    state.get(.group(Self.data()))
    let text = EntryDetail(entry, nil, Self.data(), state.context).sheet(width: 60).text
    #expect(text.contains("Category: Old") && text.contains("#trip"), "\(text)")
  }

  /// The chosen category stays when others were added meanwhile, wherever they are in the list.
  @Test func chosenCategoryOutlivesAConflict() throws {
    let old = Fixtures.expenses[0]
    var form = ExpenseForm(Self.data(), id: old.id, today: Day("2026-11-24")!, changing: old)
    let index = try #require(form.form.fields.firstIndex { $0.name == "category" })
    form.form.fields[index].input.set("Food › Groceries")
    var data = Self.data(
      all + [.init(id: Fixtures.id(74), name: "Beer", createdAt: Instant(milliseconds: 0))])
    data.categories[0] = .init(
      id: all[0].id, name: "Eating", createdAt: Instant(milliseconds: 0), version: 2)
    form.rebase(on: Present(data: data, details: nil))
    #expect(form.form["category"] == "Eating › Groceries")
    #expect(try form.category == all[1].id)
  }

  @Test func copyHasNoArchivedCategoryAndAllTags() throws {
    let old = Fixtures.expenses[0]
    var content = old.content
    content.category = all[3].id
    content.tags = ["trip"]
    let model = Entry(
      id: old.id, number: old.number, content: content, createdBy: old.createdBy, createdAt: old.createdAt,
      changedAt: old.changedAt, deletedAt: nil, commentCount: 0, version: 1)
    let form = ExpenseForm(Self.data(), id: Fixtures.id(777), today: Day("2026-11-24")!, like: model)
    guard case .createExpense(_, let copy) = try form.effect() else { return _ = Issue.record("no expense") }
    #expect(copy.category == nil && copy.tags == ["trip"])
  }

  @Test func groupWithoutCategoriesHasNoSuchField() {
    var state = open([])
    state.type("a")
    #expect(!state.text.contains("Category"))
  }

  @Test func itemGetsACategoryOfItsOwn() throws {
    var state = open()
    state.type("aDinner")
    state.press(.tab, .tab, .tab, .tab, .tab, .left, .control("n"))
    state.type("Wine")
    state.press(.enter)
    state.type("16")
    for _ in 0...Fixtures.members.count { state.press(.tab) }
    #expect(state.text.contains("> Category  none"), "\(state.text)")
    state.type("gro")
    #expect(state.text.contains("Food › Groceries") && !state.text.contains("Home"), "\(state.text)")
    state.press(.enter)
    #expect(state.text.contains("> Category  Food › Groceries"), "\(state.text)")
    state.press(.escape)
    #expect(state.text.contains("all, Food › Groceries"), "\(state.text)")
    guard case .createExpense(_, let expense)? = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(expense.split?.items?.first?.category == all[1].id && expense.category == nil)
  }

  @Test func itemGetsTags() throws {
    var state = open()
    state.type("aDinner")
    state.press(.tab, .tab, .tab, .tab, .tab, .left, .control("n"))
    state.type("Wine #red")
    state.press(.enter)
    state.type("24")
    state.press(.backTab, .backTab)
    #expect(state.text.contains("> Tags"), "\(state.text)")
    state.type("Party, #gift 7up")
    state.press(.up, .down)
    #expect(state.text.contains("\"7up\" is no tag."), "\(state.text)")
    state.press(.escape)
    #expect(
      state.press(.control("s")).isEmpty && state.text.contains("Wine #red: \"7up\" is no tag."),
      "\(state.text)")
    while !state.text.contains(">   Wine") { state.press(.up) }
    state.press(.enter, .backTab, .control("w"), .enter)
    #expect(state.text.contains("#gift, #party"), "\(state.text)")
    guard case .createExpense(_, let expense)? = state.press(.control("s")).first else {
      return _ = Issue.record("\(state.text)")
    }
    #expect(expense.split?.items?.first?.tags == ["gift", "party"])
  }

  @Test func tagsOfAnItemAreInItsWords() {
    let rule = SplitRule(
      .items,
      items: [
        .init(
          "Wine #red", amount: .minorUnits(300), members: [Fixtures.members[0].id], tags: ["gift", "red"])
      ])
    let words = EntryHistory.words(for: rule, Fixtures.eur, Fixtures.data)
    #expect(words.string == "by items, Wine #red 3.00 (Anna), #gift")
  }

  @Test func tagsOfAnExpenseAreAField() throws {
    let old = Fixtures.expenses[0]
    var content = old.content
    content.description = "Dinner #trip"
    content.tags = ["party", "trip"]
    let entry = Entry(
      id: old.id, number: old.number, content: content, createdBy: old.createdBy, createdAt: old.createdAt,
      changedAt: old.changedAt, deletedAt: nil, commentCount: 0, version: 1)
    var form = ExpenseForm(Fixtures.data, id: old.id, today: Day("2026-11-24")!, changing: entry)
    // Those of the description are there.
    #expect(form.form["tags"] == "party" && form.form.shown == form.form.fields.count)
    func change() throws -> ExpenseChange? {
      guard case .changeExpense(_, _, _, let change) = try form.effect() else { return nil }
      return change
    }
    #expect(try change()?.tags == nil)
    let index = try #require(form.form.fields.firstIndex { $0.name == "tags" })
    form.form.fields[index].input.set("Gift party")
    #expect(try change()?.tags == ["gift", "party"])
    form.form.fields[index].input.set("")
    #expect(try change()?.tags == [])
    form.form.fields[index].input.set("7up")
    #expect(throws: Rejection.self) { try form.effect() }
    var new = Fixtures.openGroup()
    new.type("aDinner")
    new.press(.tab)
    new.type("24")
    new.press(.control("o"), .backTab)
    while !new.text.contains("> Tags") { new.press(.tab) }
    new.type("#gift")
    guard case .createExpense(_, let expense)? = new.press(.control("s")).first else {
      return _ = Issue.record("\(new.text)")
    }
    #expect(expense.tags == ["gift"])
  }

  @Test func itemKeepsItsCategory() throws {
    let rule = SplitRule(
      .items,
      items: [
        .init(
          "Wine", amount: .minorUnits(300), members: [Fixtures.members[0].id], category: all[1].id,
          tags: ["wine"])
      ])
    let fields = ItemFields([Fixtures.members[0].id], rule: rule, currency: Fixtures.eur)
    #expect(try fields.rule(Fixtures.eur) == rule)
    var draft = Draft(Draft.Name(kind: .expense, id: Fixtures.id(1)))
    fields.write(to: &draft)
    var restored = ItemFields([Fixtures.members[0].id], rule: nil, currency: Fixtures.eur)
    let isWhole = restored.restore(draft)
    #expect(isWhole)
    #expect(try restored.rule(Fixtures.eur) == rule)
  }
}
