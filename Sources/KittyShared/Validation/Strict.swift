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

// The compiler's own coding of a type prefers these to the general ones.
extension KeyedDecodingContainer {
  func decode<Value>(_ type: Patch<Value>.Type, forKey key: Key) throws -> Patch<Value> {
    guard contains(key) else { return .keep }
    if try decodeNil(forKey: key) { return .clear }
    return .set(try decode(Value.self, forKey: key))
  }

  func decode<Value: KnownFields>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try decode(Strict<Value>.self, forKey: key).body
  }

  func decodeIfPresent<Value: KnownFields>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    try decodeIfPresent(Strict<Value>.self, forKey: key)?.body
  }

  func decode<Value: KnownFields>(_ type: [Value].Type, forKey key: Key) throws -> [Value] {
    try decode([Strict<Value>].self, forKey: key).map(\.body)
  }

  func decodeIfPresent<Value: KnownFields>(_ type: [Value].Type, forKey key: Key) throws -> [Value]? {
    try decodeIfPresent([Strict<Value>].self, forKey: key)?.map(\.body)
  }
}

extension KeyedEncodingContainer {
  mutating func encode<Value>(_ value: Patch<Value>, forKey key: Key) throws {
    switch value {
    case .keep: break
    case .clear: try encodeNil(forKey: key)
    case .set(let value): try encode(value, forKey: key)
    }
  }
}

extension CodingUserInfoKey {
  /// Set when a request is read. It is not set for responses: a newer server may send more fields.
  static let strict: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "strict") else { preconditionFailure("any text is a key") }
    return key
  }()
}

/// Reads an object. In a request it first rejects unknown fields, and each `null` that would
/// be ignored.
struct Strict<Body: KnownFields>: Decodable {
  let body: Body

  init(from decoder: any Decoder) throws {
    if decoder.userInfo[.strict] != nil { try Self.check(decoder) }
    body = try Body(from: decoder)
  }

  private static func check(_ decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let sent = container.allKeys
    func path(_ field: String) -> String {
      decoder.codingPath.isEmpty ? field : decoder.codingPath.fieldPath + "." + field
    }
    // Every request is checked here: no key path and no set of the known fields is made.
    let unknown = sent.filter { Body.CodingKeys(stringValue: $0.stringValue) == nil }
    guard unknown.isEmpty else {
      let names = Body.CodingKeys.allCases.map { $0.stringValue }.sorted().joined(separator: ", ")
      throw Rejection.invalid(
        unknown.map { $0.stringValue }.sorted().prefix(10).map {
          FieldError(
            field: path(String($0.prefix(64))), code: "unknown_field",
            message: "This field does not exist. Known fields: \(names).")
        })
    }
    for key in sent where try container.decodeNil(forKey: key) {
      guard !Body.nullable.contains(where: { $0.stringValue == key.stringValue }) else { continue }
      throw FieldError(
        field: path(key.stringValue), code: "missing",
        message: "This field must not be null: send a value, or omit the field.")
    }
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
