/// A fault in the text of a filter, with its place in the text.
package struct FilterProblem: Error, Hashable, Sendable {
  /// The fault as a stable word for programs.
  package let code: Code
  /// A sentence for the user: the fault, and what to do about it.
  package let message: String
  /// The part of the text that the message is about.
  package let place: FilterPlace

  /// The kinds of faults.
  package enum Code: String, Sendable, CaseIterable {
    /// The text has no term.
    case empty
    /// The text has too many characters.
    case tooLong = "too_long"
    /// The text has too many terms.
    case tooMany = "too_many"
    /// Parentheses and minus signs are nested too deep.
    case tooDeep = "too_deep"
    /// An invisible character is in the text.
    case controlCharacter = "control_character"
    /// A parenthesis or a quotation mark stands alone.
    case unbalanced
    /// A term is missing beside `OR`, after a minus sign or between parentheses.
    case missingTerm = "missing_term"
    /// There is no such field.
    case unknownField = "unknown_field"
    /// A field has no value, or a phrase has no letters.
    case emptyValue = "empty_value"
    /// The field does not take this value.
    case unknownValue = "unknown_value"
    /// No tag can be like this.
    case notATag = "not_a_tag"
    /// The group has no such member or category.
    case unknownName = "unknown_name"
    /// Several members or categories may be meant.
    case ambiguousName = "ambiguous_name"
    /// The end of a range is before its beginning.
    case reversedRange = "reversed_range"
  }

  /// - Parameters:
  ///   - code: The kind of fault.
  ///   - message: The fault, and what to do about it.
  ///   - place: The part of the text.
  package init(_ code: Code, _ message: String, at place: FilterPlace) {
    self.code = code
    self.message = message
    self.place = place
  }
}

extension FilterProblem: CustomStringConvertible {
  /// The message with the place in the text, such as `At characters 6 to 9: …`. People count characters from 1.
  package var description: String {
    let (first, last) = (place.offset + 1, place.offset + max(1, place.length))
    return "At \(first == last ? "character \(first)" : "characters \(first) to \(last)"): \(message)"
  }
}

/// A part of the text of a filter. A character is a code point of Unicode.
package struct FilterPlace: Hashable, Sendable {
  /// The number of characters before it.
  package let offset: Int
  /// The number of its characters.
  package let length: Int

  package init(offset: Int, length: Int) {
    self.offset = offset
    self.length = length
  }
}
