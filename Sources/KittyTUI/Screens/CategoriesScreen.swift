import KittyShared

/// The categories of a group: those of the upper level, each with those below it.
struct CategoriesScreen: Screen {
  private(set) var data: GroupData
  private(set) var selection = ListSelection<ID>()
  /// The category whose removal was asked for.
  private var removing: ID?

  init(_ data: GroupData) {
    self.data = data
    selection.update(ids)
  }

  var title: SafeText { "Categories" }
  var refresh: [Effect] { [.loadGroup(data.group.id)] }

  private var tree: [Category] { data.tree }
  private var ids: [ID] { tree.map(\.id) }
  private var selected: Category? { selection.index(in: ids).map { tree[$0] } }

  var bindings: [Binding] {
    let (group, category) = (data.group, selected)
    let isArchived = category?.archivedAt != nil
    return [
      Binding([.character("n"), .character("a")], "n a", "add a category", .newCategory, footer: "add")
        .asking(group, for: .keepCategories),
      Binding(
        [.character("s")], "s", "add the standard categories", .standardCategories,
        footer: tree.isEmpty ? "standard" : ""
      ).asking(group, for: .keepCategories),
      Binding(
        [.enter, .right, .character("e")], "Enter → e", "rename the category, or put it below another", .edit,
        footer: category == nil ? "" : "edit"
      ).asking(group, for: .keepCategories),
      Binding(
        [.character("A")], "A",
        isArchived ? "take the category into use again" : "archive it: new entries cannot have it", .archive,
        footer: category == nil ? "" : isArchived ? "use again" : "archive"
      ).asking(group, for: .keepCategories),
      Binding(
        [.character("d"), .delete], "d Del", "remove it; its entries get another one", .remove,
        footer: category == nil ? "" : "remove"
      ).asking(group, for: .removeCategory),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: list.page(context)) { return [] }
    let group = data.group
    switch (command, selected) {
    case (.newCategory, let selected):
      // Beside the selected one.
      return [.push(CategoryForm(data, id: context.newID(), under: selected?.parent))]
    case (.standardCategories, _): return [.run(.addStandardCategories(group.id))]
    case (.edit, let category?): return [.push(CategoryForm(data, changing: category))]
    case (.archive, let category?):
      return [
        .run(
          .changeCategory(
            group: group.id, category: category.id, version: category.version,
            CategoryChange(archived: category.archivedAt == nil)))
      ]
    case (.remove, let category?):
      removing = category.id
      return [
        .confirm(
          "Remove the category \"\(category.name)\"?",
          [.run(.removeCategory(group: group.id, category: category.id))])
      ]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    let group = data.group.id
    switch message {
    case .group(let found) where found.group.id == group:
      data = found
      selection.update(ids)
    case .categorySaved(group, let category):
      let old = data.category(category.id)
      data.categories = data.categories(with: [category])
      selection.select(category.id, in: ids)
      guard let old, (old.archivedAt == nil) != (category.archivedAt == nil) else { break }
      return [
        .toast(
          category.archivedAt == nil
            ? "\"\(category.name)\" is in use again."
            : "\"\(category.name)\" is archived: entries keep it, and new ones cannot have it.")
      ]
    case .categories(group, let all):
      let count = tree.count
      data.categories = data.categories(with: all)
      selection.update(ids)
      let added = tree.count - count
      return [
        .toast(
          added == 0
            ? "All of them are here already."
            : added == 1 ? "1 category was added." : "\(added) categories were added.")
      ]
    case .categoryRemoved(group, _): return refresh.map { .run($0) } + [.toast("Removed.")]
    case .failed(.removeCategory(group, let id, nil), .problem(let problem))
    where problem.code == "in_use" && id == removing:
      return data.category(id).map { [.push(CategoryRemovalForm(data, $0))] } ?? []
    case .failed(.removeCategory(group, _, nil), let failure):
      return [.toast(SafeText(failure.message("Not removed.")))]
    case .failed(.addStandardCategories(group), let failure):
      return [.toast(SafeText(failure.message("Not added.")))]
    case .failed(.changeCategory(group, _, _, let change), let failure) where change.archived != nil:
      // One that was changed meanwhile is read again, so that the next try has its version.
      return refresh.map { .run($0) } + [.toast(SafeText(failure.message("Not changed.")))]
    default: break
    }
    return []
  }

  private var list: IntroducedList {
    IntroducedList(
      words: tree.isEmpty
        ? "No categories yet. \(key: .standardCategories, "s") adds the usual ones, such as Food and Rent; \(key: .newCategory, "n") one of your own."
        : tree.count == 1
          ? "1 category." : "\(tree.count) categories.",
      count: tree.count)
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let tree = tree
    list.view(of: ids, into: &canvas, rows: rows, selection, context) { visible, _ in
      ListTable(
        columns: [.init(rank: 0, least: 8, fills: true), .init(rank: 1)],
        rows: tree[visible].map { category in
          let style: Style = category.archivedAt == nil ? .normal : .muted
          let indent: SafeText = category.parent == nil ? "" : "  "
          return [
            .text("\(indent)\(category.name)", style),
            .text(category.archivedAt == nil ? "" : "archived", .muted),
          ]
        })
    }
  }
}
