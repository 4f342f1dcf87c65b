/// A filter of entries, such as `rent -deposit paid:anna amount:>50`: the one language of the API, of the commands and of
/// the screens. Names and relative dates are looked up later, in the group (`resolved(in:)`).
package struct Filter: Hashable, Sendable {
  /// The conditions.
  package let expression: FilterExpression
  /// The place of each term in the text, in their order.
  package let places: [FilterPlace]

  /// The maximum number of characters.
  package static let maxLength = 500
  /// The maximum number of terms.
  package static let maxTerms = 50
  /// The maximum depth of parentheses and minus signs.
  package static let maxDepth = 10

  /// Reads the text of a filter.
  /// - Throws: `FilterProblem` for the first fault.
  package init(_ text: String) throws(FilterProblem) {
    var parser = FilterParser(text)
    expression = try parser.parse()
    places = parser.places
  }
}

extension Filter: CustomStringConvertible {
  /// The text in its plain form. Parsing it gives the same conditions.
  package var description: String { expression.description }
}
