import KittyShared

/// A few fields below each other, each with its label and what is wrong with it.
struct FormFields: Hashable, Sendable {
  struct Field: Hashable, Sendable {
    /// The field's name in the API.
    let name: String
    let label: SafeText
    var input: TextField
    var error: SafeText = ""
    /// What stands at the end of its line, where there is room.
    var aside: SafeText = ""
  }

  var fields: [Field]
  /// How many of them are in view. What is rarely needed comes last and is out of view at first.
  var shown: Int
  var active = 0
  /// What is wrong with the whole.
  var error: SafeText = ""

  init(_ fields: [Field], shown: Int? = nil) {
    self.fields = fields
    self.shown = shown ?? fields.count
  }

  subscript(name: String) -> String { fields.first { $0.name == name }?.input.text ?? "" }

  /// The text of a field without spaces around it; `nil` when nothing is left.
  func filled(_ name: String) -> String? {
    let text = self[name].trimmed
    return text.isEmpty ? nil : text
  }

  /// Says something at the end of a field's line.
  mutating func say(_ aside: SafeText, beside name: String) {
    if let place = fields.firstIndex(where: { $0.name == name }) { fields[place].aside = aside }
  }

  /// Adds a field at the end, unless it is there, and goes to it.
  mutating func addField(_ field: Field) {
    if !fields.contains(where: { $0.name == field.name }) { fields.append(field) }
    shown = fields.count
    active = fields.firstIndex { $0.name == field.name } ?? active
  }

  /// Takes a field away, if it is there.
  mutating func removeField(_ name: String) {
    fields.removeAll { $0.name == name }
    shown = min(shown, fields.count)
    active = min(active, max(0, shown - 1))
  }

  /// Moves among the fields, in a circle.
  mutating func move(_ step: Int) { active = (active + step + shown) % max(1, shown) }

  /// Goes to the first field below that is still empty, if there is one: Enter submits what is filled in.
  /// - Returns: Whether there was one.
  mutating func moveToEmpty() -> Bool {
    guard let place = fields.indices.first(where: { $0 > active && fields[$0].input.text.isEmpty }) else {
      return false
    }
    active = place
    return true
  }

  mutating func edit(_ key: Key) -> Bool {
    guard fields.indices.contains(active), fields[active].input.edit(key) else { return false }
    fields[active].error = ""
    error = ""
    return true
  }

  /// Says in front of what is wrong what was not done; unless nobody knows whether it was.
  mutating func show(_ failure: ClientFailure, _ undone: String) {
    show(failure)
    error = failure.isUndone ? "\(undone) \(error)" : error
  }

  /// Puts what the server or a check found beside the fields that it names, and goes to the first.
  mutating func show(_ failure: ClientFailure) {
    clearErrors()
    var rest: [SafeText] = []
    if case .problem(let problem) = failure, let errors = problem.errors {
      for found in errors {
        if let place = fields.firstIndex(where: { $0.name == found.field }) {
          if fields[place].error.string.isEmpty { fields[place].error = SafeText(found.message) }
        } else {
          rest.append(SafeText(found.message))
        }
      }
      if let first = fields.firstIndex(where: { !$0.error.string.isEmpty }) {
        active = first
        if first >= shown { shown = fields.count }
        error = rest.first ?? ""
        return
      }
    }
    error = rest.first ?? SafeText(failure.message)
  }

  mutating func clearErrors() {
    error = ""
    for place in fields.indices { fields[place].error = "" }
  }

  /// Draws from `row` on.
  /// - Returns: The first row after it.
  func view(into canvas: inout Canvas, row: Int, width: Int, isActive: Bool = true) -> Int {
    var row = row
    let fields = fields.prefix(shown)
    let labelWidth = (fields.map(\.label.width).max() ?? 0) + 2
    for (index, field) in fields.enumerated() {
      let isHere = isActive && index == active
      canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      canvas.draw(field.label, row: row, column: 2, style: isHere ? .bold : .normal)
      field.input.view(
        into: &canvas, row: row, column: 2 + labelWidth, width: min(44, width - labelWidth - 3),
        isActive: isHere)
      if !field.aside.string.isEmpty, field.error.string.isEmpty, width >= 60 {
        canvas.draw(field.aside, row: row, endingAt: width, style: .muted)
      }
      row += 1
      if !field.error.string.isEmpty {
        for line in field.error.wrapped(to: max(10, width - 4)) {
          canvas.draw(line, row: row, column: 2, style: .error)
          row += 1
        }
      }
    }
    if !error.string.isEmpty {
      for line in error.wrapped(to: max(10, width - 4)) {
        canvas.draw(line, row: row + 1, column: 2, style: .error)
        row += 1
      }
      row += 1
    }
    return row
  }

  /// Draws a line on which one of several is chosen with the arrows.
  static func drawChoice(
    _ label: SafeText, _ value: SafeText, isHere: Bool, row: Int, width: Int, into canvas: inout Canvas
  ) {
    canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
    canvas.draw(label, row: row, column: 2, style: isHere ? .bold : .normal)
    canvas.draw("‹ \(value) ›", row: row, column: 12, width: max(0, width - 13))
    if isHere { canvas.placeCursor(row: row, column: 12) }
  }

  /// The keys of every form.
  static func bindings(submit: SafeText) -> [Binding] {
    [
      Binding([.enter], "Enter", "\(submit); or the next empty field", .submit, footer: submit),
      Binding([.tab, .down], "Tab ↓", "next field", .down, footer: "next"),
      Binding([.backTab, .up], "Shift-Tab ↑", "field before", .up),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ]
  }

  /// Editing, and the help page that says so: a question mark is a letter here.
  static let editing: [Binding] = [
    Binding([.control("g")], "^G", "this help", .help, footer: "help"),
    Binding([], "^A ^E", "start, end of the field", .help),
    Binding([], "^W ^U ^K", "delete word, before, after", .help),
    .helping,
  ]
}
