import KittyShared

/// The choice of a category for the entries of one that is removed.
struct CategoryRemovalForm: EffectForm {
  private let data: GroupData
  private let category: Category
  private let choices: CategoryChoices
  var form: FormFields
  var pending: Effect?

  init(_ data: GroupData, _ category: Category) {
    self.data = data
    self.category = category
    choices = CategoryChoices(data, without: category.id)
    form = FormFields([
      .init(
        name: "into", label: "Instead", input: TextField("", limit: 160), choices: choices.options)
    ])
  }

  var title: SafeText { "Remove \(category.name)" }
  var bindings: [Binding] { form.bindings(submit: "remove") }

  func effect() throws(Rejection) -> Effect {
    guard let text = form.filled("into") else {
      throw .invalid("into", "missing", "Choose a category, or none: Space shows all.")
    }
    let other = try choices.id(of: text)
    return .removeCategory(
      group: data.group.id, category: category.id, into: other.map(\.description) ?? CategoryChoices.none)
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
