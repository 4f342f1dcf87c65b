/// An error of one field of a request, or of one parameter of its query.
package struct FieldError: Error, Codable, Hashable, Sendable {
  /// The field's path, such as `amount` or `participants.2`.
  package let field: String
  /// A stable word for programs, such as `too_long`.
  package let code: String
  /// A sentence for the user: what is wrong and what to do.
  package let message: String

  package init(field: String, code: String, message: String) {
    self.field = field
    self.code = code
    self.message = message
  }

  init(_ decoder: any Decoder, code: String, message: String) {
    self.init(field: decoder.codingPath.fieldPath, code: code, message: message)
  }
}

extension [any CodingKey] {
  var fieldPath: String {
    map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }
}

/// Collects the errors of a request, so that the response names all of them at once.
package struct FieldChecks: Sendable {
  /// The errors so far.
  package private(set) var errors: [FieldError] = []

  /// Creates checks without errors.
  package init() {}

  /// Adds an error unless `condition` holds.
  package mutating func require(_ condition: Bool, _ field: String, _ code: String, _ message: String) {
    if !condition { errors.append(FieldError(field: field, code: code, message: message)) }
  }

  /// Checks a text that people read: not blank, at most `max` characters, without characters that move a
  /// cursor, or hide or reorder other text.
  package mutating func text(_ value: String, _ field: String, max: Int) {
    require(value.unicodeScalars.contains(where: \.isVisible), field, "blank", "The text must not be blank.")
    require(
      value.unicodeScalars.count <= max, field, "too_long",
      "Write at most \(max) characters; the text has \(value.unicodeScalars.count).")
    require(
      !value.unicodeScalars.contains(where: \.isInvisibleControl), field, "control_character",
      "Leave out line breaks and other invisible control characters.")
  }

  /// Checks an id made by the client.
  package mutating func newID(_ value: ID?, _ field: String = "id") {
    require(
      value.map { $0.version == 7 } ?? true, field, "not_version_7",
      "Send a UUID of version 7, or leave the id out.")
  }
}

extension Unicode.Scalar {
  /// True for a scalar that draws something by itself.
  fileprivate var isVisible: Bool {
    !properties.isWhitespace && !properties.isDefaultIgnorableCodePoint
      && properties.generalCategory != .format
  }

  /// True for a scalar that draws nothing and changes how its neighbours are drawn: controls, line separators and the
  /// twelve characters with the property Bidi_Control.
  package var isInvisibleControl: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
    default: break
    }
    switch value {
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xE0000...0xE007F, 0xFEFF: return true
    default: return false
    }
  }
}
