import KittyShared

/// The text of the fields in a draft.
extension FormFields {
  /// The text of all fields, by name. None of them is a password.
  var written: [String: String] {
    Dictionary(
      fields.filter { !$0.input.isMasked }.map { ($0.name, $0.input.text) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Puts the text of a draft into the fields. A hidden field with another text is shown.
  mutating func restore(_ written: [String: String]) {
    for index in fields.indices {
      guard let text = written[fields[index].name], text != fields[index].input.text else { continue }
      fields[index].input.set(text)
      if index >= shown { shown = fields.count }
    }
  }

  /// The words under a form whose draft names a member who is no longer there.
  static let incomplete: SafeText =
    "Not all of the draft could be put back: a member has left the group. Look it over before you save."
}
