import KittyShared

/// The choice of a category for the entries of one that is removed.
struct CategoryRemovalForm: EffectForm {
  private let data: GroupData
  private let category: Category
  var form: FormFields
  var pending: Effect?

  init(_ data: GroupData, _ category: Category) {
    self.data = data
    self.category = category
    let others = data.tree.enumerated().filter {
      $0.element.id != category.id && $0.element.archivedAt == nil
    }
    form = FormFields([
      .init(
        name: "into", label: "Instead", input: TextField("none", limit: 140),
        choices: [Picker.Option(-1, "none")]
          + others.map { Picker.Option($0.offset, data.categoryName($0.element.id)) })
    ])
  }

  var title: SafeText { "Remove \(category.name)" }
  var bindings: [Binding] { form.bindings(submit: "remove") }

  func effect() throws(Rejection) -> Effect {
    let option = form.fields[0].choices.first { $0.name.string == form["into"] }
    let other = option.flatMap { data.tree.indices.contains($0.value) ? data.tree[$0.value].id : nil }
    return .removeCategory(
      group: data.group.id, category: category.id, into: other.map(\.description) ?? "none")
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .categoryRemoved(data.group.id, category.id) where pending != nil: return [.pop, .toast("Removed.")]
    default: _ = failure(in: message)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    drawHint(
      "Entries have the category \"\(category.name)\". Choose which one they get instead: each is changed, and its history says so.",
      into: &canvas, row: row + 1, context)
  }
}
