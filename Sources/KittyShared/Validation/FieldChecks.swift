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
    plain(value, field, lines: "Write it in one line")
  }

  /// Adds an error that names the first invisible control character of a text, and its place.
  /// - Parameter lines: The advice about a line break; `nil` where line breaks are allowed.
  mutating func plain(_ value: String, _ field: String, lines: String?) {
    let scalars = value.unicodeScalars
    for (index, scalar) in scalars.enumerated() where scalar.isInvisibleControl {
      if scalar == "\n", lines == nil { continue }
      let code = String(scalar.value, radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
      let isLineBreak = scalar == "\n" || scalar == "\r"
      let advice = (isLineBreak ? lines : nil) ?? "Leave it out"
      return require(
        false, field, "control_character",
        "Character \(index + 1) is \(isLineBreak ? "a line break" : "the invisible control character") \(name). \(advice)."
      )
    }
  }
}
