import KittyShared

/// A text of a table that may be no name, such as `Ann and Bob`: a line of the form, in which the user writes the member that it
/// means.
enum ImportedName {
  /// The beginning of the names of the lines. The rest is the text in the file.
  private static let prefix = "name."

  /// The widest label of a line.
  private static let widest = 24

  private static func texts(in form: FormFields) -> [String] {
    form.fields.filter { $0.name.hasPrefix(prefix) }.map { String($0.name.dropFirst(prefix.count)) }
  }

  private static func field(_ text: String) -> FormFields.Field {
    .init(
      name: prefix + text, label: ("\"\(text)\"" as SafeText).fitted(to: widest), input: TextField(limit: 64),
      aside: "a name?")
  }

  /// Adds the lines of the texts that a refusal names, and moves the focus to the first empty one.
  static func ask(_ texts: [String], in form: inout FormFields) {
    for text in texts { form.addField(field(text)) }
    let names = Set(texts.map { prefix + $0 })
    let first = form.fields.firstIndex { names.contains($0.name) && form.filled($0.name) == nil }
    form.active = first ?? form.active
  }

  /// Adds the lines of a draft.
  static func restore(_ written: [String: String], in form: inout FormFields) {
    for name in written.keys.sorted() where name.hasPrefix(prefix) {
      form.addField(field(String(name.dropFirst(prefix.count))))
    }
  }

  /// Removes all lines: those of another file.
  static func forget(in form: inout FormFields) {
    for text in texts(in: form) { form.removeField(prefix + text) }
  }

  /// Returns the member of each text for which one is written.
  static func chosen(in form: FormFields) -> [String: String] {
    texts(in: form).reduce(into: [:]) { $0[$1] = form.filled(prefix + $1) }
  }
}
