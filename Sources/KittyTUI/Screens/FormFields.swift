import KittyShared

/// The text fields of a form, each with a label and an error.
struct FormFields: Hashable, Sendable {
  struct Field: Hashable, Sendable {
    /// The field's name in the API.
    let name: String
    let label: SafeText
    var input: TextField
    var error: SafeText = ""
    /// A hint at the end of the line, if there is room.
    var aside: SafeText = ""
    /// The values of a field that is filled by choosing: their names are its texts.
    var choices: [Picker.Option] = []
  }

  var fields: [Field]
  /// The number of visible fields. Rarely needed fields come last and are hidden at first.
  var shown: Int
  var active = 0
  /// The error of the whole form.
  var error: SafeText = ""
  /// The open list of the active field.
  var picker: Picker?

  init(_ fields: [Field], shown: Int? = nil) {
    self.fields = fields
    self.shown = shown ?? fields.count
  }

  subscript(name: String) -> String { fields.first { $0.name == name }?.input.text ?? "" }

  /// Returns the trimmed text of a field; `nil` when it is empty.
  func filled(_ name: String) -> String? {
    let text = self[name].trimmed
    return text.isEmpty ? nil : text
  }

  /// Sets the hint at the end of a field's line.
  mutating func setAside(_ aside: SafeText, of name: String) {
    if let index = fields.firstIndex(where: { $0.name == name }) { fields[index].aside = aside }
  }

  /// Adds a field at the end, unless it exists, and moves the focus to it.
  mutating func addField(_ field: Field) {
    if !fields.contains(where: { $0.name == field.name }) { fields.append(field) }
    shown = fields.count
    active = fields.firstIndex { $0.name == field.name } ?? active
  }

  /// `true` when there is a field of this name.
  func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

  /// Empties a field, and moves the focus to the first empty one.
  mutating func clear(_ name: String) {
    guard let index = fields.firstIndex(where: { $0.name == name }) else { return }
    fields[index].input.set("")
    active = fields.firstIndex { $0.input.text.isEmpty } ?? index
  }

  /// Removes a field, if it exists.
  mutating func removeField(_ name: String) {
    fields.removeAll { $0.name == name }
    shown = min(shown, fields.count)
    active = min(active, max(0, shown - 1))
  }

  /// Moves the focus; after the last field comes the first.
  mutating func move(_ step: Int) { active = (active + step + shown) % max(1, shown) }

  /// `true` on the last field, where Enter submits.
  var isAtEnd: Bool { active == shown - 1 }

  mutating func edit(_ key: Key) -> Bool {
    guard fields.indices.contains(active) else { return false }
    if let isUsed = pick(key) { return isUsed }
    guard fields[active].input.edit(key) else { return false }
    fields[active].error = ""
    error = ""
    return true
  }

  /// Shows the failure of a request that is the same when it is sent again: it has the id of the new resource, or the
  /// version that it changes.
  /// - Parameters:
  ///   - undone: A prefix such as "Not saved.", which is left out if the outcome is unknown.
  ///   - again: The reason why the user may repeat it when it is not known to be refused.
  mutating func show(
    _ failure: ClientFailure, _ undone: SafeText,
    again: SafeText = "\(key: .submit, "^S") again is safe: it cannot be entered twice."
  ) {
    show(failure)
    switch failure {
    case .uncertain(let why): error = "\(SafeText(why)) It may have been saved. \(again)"
    case .offline: error = "\(undone) \(error) \(again)"
    default: error = failure.isUndone ? "\(undone) \(error)" : error
    }
  }

  /// Shows each error beside its field, and moves the focus to the first.
  mutating func show(_ failure: ClientFailure) {
    clearErrors()
    var rest: [SafeText] = []
    if case .problem(let problem) = failure, let errors = problem.errors {
      for found in errors {
        if let index = fields.firstIndex(where: { $0.name == found.field }) {
          if fields[index].error.string.isEmpty { fields[index].error = SafeText(found.message) }
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
    for index in fields.indices { fields[index].error = "" }
  }

  /// Draws the fields, beginning at `row`. In a narrow window a field stands below its label, so that a whole amount is
  /// visible.
  /// - Returns: The first row after it.
  func view(into canvas: inout Canvas, row: Int, width: Int, isActive: Bool = true) -> Int {
    var row = row
    let fields = fields.prefix(shown)
    let labelWidth = (fields.map(\.label.width).max() ?? 0) + 2
    for (index, field) in fields.enumerated() {
      let isHere = isActive && index == active
      canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      canvas.draw(field.label, row: row, column: 2, style: isHere ? .bold : .normal)
      canvas.click(rows: row..<(row + 1), columns: 0..<width, .field(isHere: isHere))
      let isBeside = width - labelWidth - 3 >= Self.least
      if !isBeside { row += 1 }
      let column = isBeside ? 2 + labelWidth : 4
      let aside: SafeText = field.error.string.isEmpty ? field.aside : ""
      let layout = Row(
        left: [.cut("", rank: 0, least: Self.least, column: 44)], right: [.whole(aside, rank: 1, .muted)]
      ).draw(into: &canvas, row: row, columns: column..<max(column, width))
      let room = min(layout.left[0]?.count ?? 0, width - 1 - column)
      if isHere, let picker {
        let next = picker.view(into: &canvas, row: row + 1, column: column, width: width)
        picker.typed.view(into: &canvas, row: row, column: column, width: room, isActive: true)
        row = next
      } else {
        field.input.view(into: &canvas, row: row, column: column, width: room, isActive: isHere)
        row += 1
      }
      row = Self.drawError(field.error, row: row, width: width, into: &canvas)
    }
    return error.string.isEmpty ? row : Self.drawError(error, row: row + 1, width: width, into: &canvas)
  }

  /// The width of a field that shows a whole amount.
  private static let least = 16

  /// Draws an error in as many rows as it needs.
  /// - Returns: The first row after it.
  static func drawError(_ error: SafeText, row: Int, width: Int, into canvas: inout Canvas) -> Int {
    guard !error.string.isEmpty else { return row }
    let lines = error.wrapped(to: max(10, width - 4))
    for (offset, line) in lines.enumerated() {
      canvas.draw(line, row: row + offset, column: 2, style: .error)
    }
    return row + lines.count
  }

  /// Draws a line with a choice of several values.
  static func drawChoice(
    _ label: SafeText, _ value: SafeText, isHere: Bool, row: Int, width: Int, into canvas: inout Canvas
  ) {
    canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
    canvas.draw(label, row: row, column: 2, style: isHere ? .bold : .normal)
    canvas.draw("‹ \(value) ›", row: row, column: 12, width: max(0, width - 13))
    if isHere { canvas.placeCursor(row: row, column: 12) }
    canvas.click(rows: row..<(row + 1), columns: 0..<width, .field(isHere: isHere))
  }

  /// The keys of every form.
  /// - Parameter isLast: `true` on the last field, where Enter submits.
  static func bindings(submit: SafeText, isLast: Bool = false) -> [Binding] {
    entering(submit, isLast: isLast) + [
      Binding([.tab, .down], "Tab ↓", "next field", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous field", .up),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ]
  }

  /// The keys of editing, for the help page. A question mark is an ordinary letter here.
  static let editing: [Binding] = [
    Binding([.control("p")], "^P", "go anywhere; the form stays open below", .palette),
    Binding([.control("g"), .f1], "^G F1", "this help", .help, footer: "help"),
    .lastError,
    Binding([], "^A ^E", "start, end of the field", .help),
    Binding([], "Alt-b Alt-f", "word back, forward; also Ctrl-← Ctrl-→", .help),
    Binding([], "^W ^U ^K", "delete word, before, after", .help),
  ]
}
