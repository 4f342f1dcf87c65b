import KittyShared

/// Tags in a field of a form.
extension Tags {
  /// The longest text of a field.
  static let typedLimit = max * (maxLength + 2)

  /// Returns the tags of a typed text, with spaces, commas or `#` between them; `nil` for none.
  /// - Throws: `Rejection` for a word that is no tag, and for too many.
  static func typed(_ text: String, _ field: String = "tags") throws(Rejection) -> [String]? {
    let words = text.unicodeScalars.split { $0.properties.isWhitespace || $0 == "," || $0 == ";" }
    var tags: [String] = []
    for word in words.map({ String($0) }) {
      guard let tag = normalized(word) else {
        throw .invalid(field, "not_a_tag", "\"\(word.cut(to: maxLength))\" is no tag. \(rule)")
      }
      tags.append(tag)
    }
    return try merged(tags, inText: nil, field)
  }

  /// Returns the text of a field with tags.
  static func text(_ tags: [String]?) -> String { (tags ?? []).joined(separator: " ") }
}
