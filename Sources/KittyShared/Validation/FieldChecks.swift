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
}
