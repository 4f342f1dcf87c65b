/// An object of a request whose fields are known by name, so that a misspelt field is rejected.
package protocol KnownFields: Codable, Sendable {
  /// All fields.
  associatedtype CodingKeys: CodingKey, CaseIterable
  /// The fields that `null` removes. `null` is rejected for all others, where it would silently change nothing.
  static var nullable: [CodingKeys] { get }
}

extension KnownFields {
  /// Rejects `null` for every field.
  package static var nullable: [CodingKeys] { [] }
}
