import KittyShared

/// A column of a table whose role the file leaves open: a line of the form, with the roles to choose from.
enum ImportColumn {
  /// The beginning of the names of the lines. The rest is the name under which the request takes the column.
  private static let prefix = "role."
  /// The text of a line that is not answered.
  private static let open: SafeText = "no role yet"

  /// The roles, in the order of their likelihood for a column that was not recognized.
  private static let roles: [(role: String, name: SafeText, note: SafeText)] = [
    ("ignore", "not read", "says nothing of who owes what"),
    ("payer", "payer", "who paid"),
    ("participants", "participants", "for whom it was"),
    ("amount", "amount", "of the whole line"),
    ("date", "date", "the day"),
    ("description", "description", "what for"),
    ("currency", "currency", "of the amount"),
    ("category", "category", ""),
    ("note", "note", ""),
    ("kind", "kind", "expense, payment or income"),
  ]

  /// The widest label of a line.
  private static let widest = 24

  /// The lines of columns in a form, with their columns.
  private static func lines(in form: FormFields) -> [(line: String, column: String, role: String?)] {
    form.fields.filter { $0.name.hasPrefix(prefix) }.map { field in
      let role = roles.first { $0.name.string == field.input.text }?.role
      return (field.name, String(field.name.dropFirst(prefix.count)), role)
    }
  }

  /// Returns the line of a column.
  /// - Parameter column: Its title, or its number, as in `#3`.
  static func field(_ column: String) -> FormFields.Field {
    let label: SafeText =
      column.hasPrefix("#") ? "Column \(String(column.dropFirst()))" : "\"\(column)\""
    return .init(
      name: prefix + column, label: label.fitted(to: widest), input: TextField(open.string, limit: 64),
      choices: [Picker.Option(-1, open)]
        + roles.enumerated().map { Picker.Option($0.offset, $0.element.name, note: $0.element.note) })
  }

  /// Adds the lines of the columns that a refusal names, and moves the focus to the first one that is open.
  static func ask(_ columns: [String], in form: inout FormFields) {
    for column in columns { form.addField(field(column)) }
    let asked = Set(columns)
    let first = lines(in: form).first { asked.contains($0.column) && $0.role == nil }
    form.active = form.fields.firstIndex { $0.name == first?.line } ?? form.active
  }

  /// Adds the lines of a draft.
  static func restore(_ written: [String: String], in form: inout FormFields) {
    for name in written.keys.sorted() where name.hasPrefix(prefix) {
      form.addField(field(String(name.dropFirst(prefix.count))))
    }
  }

  /// Removes all lines: those of another file.
  static func forget(in form: inout FormFields) {
    for line in lines(in: form) { form.removeField(line.line) }
  }

  /// Returns the column of each chosen role. Of columns that are not read there may be several.
  static func chosen(in form: FormFields) -> [String: String] {
    let pairs = lines(in: form).compactMap { line in line.role.map { ($0, line.column) } }
    return Dictionary(pairs, uniquingKeysWith: { "\($0);\($1)" })
  }

  /// Shows that a column has the role of another one.
  /// - Parameter typed: The titles that were typed, by role.
  /// - Returns: `false` when one has.
  static func check(_ form: inout FormFields, _ typed: [String: String]) -> Bool {
    var taken = Set(typed.keys)
    for (line, _, role) in lines(in: form) {
      guard let role, role != "ignore", !taken.insert(role).inserted,
        let index = form.fields.firstIndex(where: { $0.name == line })
      else { continue }
      form.fields[index].error = "Another column is the \(role). Choose another role for one of them."
      form.active = index
      return false
    }
    return true
  }
}
