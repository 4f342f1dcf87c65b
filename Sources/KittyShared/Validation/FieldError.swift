/// An error of one field of a request, or of one parameter of its query.
package struct FieldError: Error, Codable, Hashable, Sendable {
  /// The field's path, such as `amount` or `participants.2`.
  package let field: String
  /// A stable word for programs, such as `too_long`.
  package let code: String
  /// A sentence for the user: what is wrong and what to do.
  package let message: String
  /// The columns of a table that wait for a role, under the names that the parameter `columns` takes: a title, or `#3`; `nil` for
  /// any other error.
  package var columns: [String]?
  /// The texts of a file that may be no names, as the parameter `map` takes them; `nil` for any other error.
  package var names: [String]?

  package init(
    field: String, code: String, message: String, columns: [String]? = nil, names: [String]? = nil
  ) {
    self.field = field
    self.code = code
    self.message = message
    self.columns = columns
    self.names = names
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
