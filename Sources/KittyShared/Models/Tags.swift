/// Tags of an expense: words that anybody may invent, such as `trip`. They are stored in lower case and in the composed
/// form of Unicode, and stand in descriptions as `#trip`.
package enum Tags {
  /// The most tags of an expense, or of an item.
  package static let max = 10
  /// The longest tag, in characters.
  package static let maxLength = 50

  /// Returns the stored form of a tag, with or without its `#`; `nil` for a text that is no tag. A tag begins with a letter
  /// and has letters, digits, `-` and `_`; it ends with a letter or a digit.
  package static func normalized(_ text: String) -> String? {
    var scalars = text.unicodeScalars[...]
    if let first = scalars.first, first.isTagSign { scalars.removeFirst() }
    // Composed first: marks change their order, and a capital can have a longer small form.
    let tag = String(scalars).composed.lowercased().composed
    scalars = tag.unicodeScalars[...]
    guard let first = scalars.first, first.properties.isAlphabetic, !first.isMark, scalars.count <= maxLength,
      scalars.allSatisfy(\.isPartOfTag), scalars.last?.isJoiner == false
    else { return nil }
    return tag
  }

  /// Returns the tags in a text: each `#` at the beginning of a word, with a letter behind it. So `#12` is the number of an
  /// entry, and neither `C#` nor the fragment of an address is a tag.
  package static func inText(_ text: String) -> [String] {
    guard text.unicodeScalars.contains(where: \.isTagSign) else { return [] }
    let scalars = Array(text.unicodeScalars)
    var tags: [String] = []
    for (index, scalar) in scalars.enumerated() where scalar.isTagSign {
      if index > 0, !scalars[index - 1].canStandBeforeTag { continue }
      var word = scalars[(index + 1)...].prefix(while: \.isPartOfTag)
      while word.last?.isJoiner == true { word.removeLast() }
      if let tag = normalized(String(String.UnicodeScalarView(word))), tag != reserved { tags.append(tag) }
    }
    return tags
  }

  /// Returns the tags of a field and of a text together, each once and in order; `nil` when there are none.
  /// - Throws: `Rejection.invalid` for a tag of the field that is none, and for too many tags.
  package static func merged(
    _ field: [String]?, inText text: String?, _ name: String
  ) throws(Rejection) -> [String]? {
    var tags = Set(text.map(inText) ?? [])
    for (index, tag) in (field ?? []).enumerated() {
      guard let tag = normalized(tag) else { throw .invalid("\(name).\(index)", "not_a_tag", rule) }
      tags.insert(tag)
    }
    guard tags.count <= max else {
      throw .invalid(
        name, "too_many", "There are \(tags.count) tags, with those in the text: use at most \(max).")
    }
    return tags.isEmpty ? nil : tags.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }

  /// The word for entries without a tag in a filter, `tag:none`. It is no new tag; old ones stay.
  package static let reserved = "none"

  /// The form of a tag, for a message.
  package static let rule =
    "A tag begins with a letter and has letters, digits, - and _ only: at most \(maxLength) characters."
}

extension FieldChecks {
  /// Checks the tags of a request as far as possible without the text beside them. Stored ones are checked by `storedTags`.
  /// - Parameter orReserved: `true` to accept a word that is reserved by now.
  mutating func tags(_ tags: [String]?, _ field: String, orReserved: Bool = false) {
    guard let tags else { return }
    require(tags.count <= Tags.max, field, "too_many", "Use at most \(Tags.max) tags.")
    for (index, tag) in tags.enumerated() {
      let normalized = Tags.normalized(tag)
      require(normalized != nil, "\(field).\(index)", "not_a_tag", Tags.rule)
      require(
        orReserved || normalized != Tags.reserved, "\(field).\(index)", "reserved",
        "tag:none finds entries without a tag, so \"none\" cannot be one: choose another word.")
    }
  }

  /// Checks tags of a group file: in the form in which they are stored.
  mutating func storedTags(_ tags: [String]?, _ field: String) {
    guard let tags else { return }
    let stored = try? Tags.merged(tags, inText: nil, field)
    require(
      stored?.count == tags.count && zip(stored ?? [], tags).allSatisfy { $0.utf8.elementsEqual($1.utf8) },
      field, "not_the_stored_form",
      "Tags in a file must be in lower case, in order and each once, at most \(Tags.max); leave the field out for none."
    )
  }
}

extension Unicode.Scalar {
  /// `#`, and its wide form.
  fileprivate var isTagSign: Bool { self == "#" || self == "＃" }

  fileprivate var isJoiner: Bool { self == "-" || self == "_" }

  fileprivate var isPartOfTag: Bool {
    isJoiner
      || !properties.isDefaultIgnorableCodePoint
        && (properties.isAlphabetic || isMark || properties.generalCategory == .decimalNumber)
  }

  fileprivate var canStandBeforeTag: Bool { !isPartOfTag && !isTagSign && self != "/" && self != "&" }
}
