/// A field of a change: omitted, `null`, or a new value.
package enum Patch<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  /// The field stays as it is.
  case keep
  /// The field is removed.
  case clear
  /// The field gets this value.
  case set(Value)

  /// Returns the value of the field after the change.
  package func applied(to old: Value?) -> Value? {
    switch self {
    case .keep: old
    case .clear: nil
    case .set(let value): value
    }
  }

  /// Reads `null` or a value; an omitted field is never decoded.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self = container.decodeNil() ? .clear : .set(try container.decode(Value.self))
  }

  /// Writes `null` or a value.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if case .set(let value) = self { try container.encode(value) } else { try container.encodeNil() }
  }
}
