import KittyShared

/// A form for a new category, or for the name and place of one.
struct CategoryForm: CreatingForm, VersionedForm {
  var form: FormFields
  private var data: GroupData
  var id: ID
  /// The category to change.
  private var old: Category?
  private let before: [String]
  var pending: Effect?
  /// The open choice between two versions, shown over the form.
  var conflict: Conflict?

  /// A form for a new category.
  init(_ data: GroupData, id: ID, under parent: ID?) { self.init(data, id: id, old: nil, under: parent) }

  /// A form for an existing category.
  init(_ data: GroupData, changing category: Category) {
    self.init(data, id: category.id, old: category, under: category.parent)
  }

  private init(_ data: GroupData, id: ID, old: Category?, under parent: ID?) {
    self.data = data
    self.id = id
    self.old = old
    form = FormFields([
      .init(
        name: "name", label: "Name", input: TextField(old?.name ?? "", limit: Category.maxName)),
      .init(
        name: "parent", label: "Below",
        input: TextField(parent.map { data.categoryName($0).string } ?? Self.top, limit: 64),
        choices: Self.parents(data, of: id)),
    ])
    before = form.fields.map(\.input.text)
  }

  /// The categories that this one can be below.
  private static func parents(_ data: GroupData, of id: ID) -> [Picker.Option] {
    [Picker.Option(-1, SafeText(top))]
      + data.tree.enumerated().filter { $0.element.parent == nil && $0.element.id != id }
      .map { Picker.Option($0.offset, SafeText($0.element.name)) }
  }

  /// The name of no parent.
  private static let top = "none"

  var title: SafeText { old == nil ? "New category" : "Edit category" }
  var hasUnsaved: Bool { form.fields.map(\.input.text) != before }
  var isEditing: Bool { conflict == nil }
  var bindings: [Binding] {
    conflict == nil ? form.bindings(submit: old == nil ? "add" : "save") : Conflict.bindings
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    performConflict(command) ?? performFields(command)
  }

  private var parent: ID? {
    get throws(Rejection) {
      guard let text = form.filled("parent"), text != Self.top else { return nil }
      guard let found = data.tree.first(where: { $0.parent == nil && $0.name == text }) else {
        throw .invalid("parent", "not_a_category", "There is no such category now. Space shows all.")
      }
      return found.id
    }
  }

  func check(_ field: String) throws(Rejection) {
    if field == "name" { try form.text("name", max: Category.maxName) } else { _ = try parent }
  }

  func effect() throws(Rejection) -> Effect {
    let parent = try parent
    if let old {
      return .changeCategory(
        group: data.group.id, category: id, version: old.version,
        try CategoryChange(name: form["name"], parent: Patch(parent, was: old.parent)).checked())
    }
    return .addCategory(
      group: data.group.id, try NewCategory(id: id, name: form["name"], parent: parent).checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if let actions = receiveConflict(message) { return actions }
    switch message {
    case .categorySaved(data.group.id, let category) where pending != nil && category.id == id:
      return [.pop, .toast(old == nil ? context.sentence(form["name"], "is added.") : "Saved.")]
    default: receiveFailure(message, context)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let conflict { return conflict.view(into: &canvas, rows: rows, context) }
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    drawHint(
      old == nil
        ? "Below: a category of the upper level, such as Food for Groceries."
        : "Its entries keep it, whatever it is called.", into: &canvas, row: row + 1, context)
  }
}

/// The category as another user changed it meanwhile.
extension CategoryForm {
  var version: Int64? { old?.version }
  var reading: Effect { .loadPresent(group: data.group.id, entry: nil) }
  var untouched: CategoryForm { CategoryForm(data, id: id, old: old, under: old?.parent) }

  func opened(_ present: Present) -> CategoryForm? {
    present.data.tree.first { $0.id == id }.map { CategoryForm(present.data, changing: $0) }
  }

  func heading(_ present: Present) -> SafeText {
    "Another user changed \(SafeText(old?.name ?? "")), while you were writing."
  }

  mutating func rebase(on present: Present) {
    data = present.data
    old = present.data.tree.first { $0.id == id }
    form.fields[1].choices = Self.parents(data, of: id)
  }

  static var parts: [FormPart<CategoryForm>] { [.field("name", "Name"), .field("parent", "Below")] }
}

/// The draft of the form.
extension CategoryForm {
  var draftName: Draft.Name? { Draft.Name(kind: .category, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = data.group.id
    draft.groupName = data.group.name
    draft.category = old
    draft.fields = form.written
    return draft
  }

  /// A form with the input of a draft.
  init(_ data: GroupData, draft: Draft) {
    self.init(data, id: draft.name.id, old: draft.category, under: draft.category?.parent)
    form.restore(draft.fields)
  }
}
