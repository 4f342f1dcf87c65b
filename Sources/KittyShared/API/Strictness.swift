/// An object inside a request whose fields are known by name, so that a misspelt one is refused.
package protocol KnownFields: Codable, Sendable {
  /// Every field there is.
  associatedtype CodingKeys: CodingKey, CaseIterable
  /// The fields that `null` takes away; elsewhere it is refused, since it would change nothing without a word.
  static var nullable: [CodingKeys] { get }
}

extension KnownFields {
  /// None.
  package static var nullable: [CodingKeys] { [] }
}

/// A field of a change: left out, `null`, or a new value.
package enum Patch<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  /// The field stays as it is.
  case keep
  /// The field is taken away.
  case clear
  /// The field becomes this.
  case set(Value)

  /// The field after the change.
  package func applied(to old: Value?) -> Value? {
    switch self {
    case .keep: old
    case .clear: nil
    case .set(let value): value
    }
  }

  /// Reads `null` or a value; what is left out never gets here.
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
  /// Set where a request is read; what a newer server answers may have more fields than are known.
  static let strict: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "strict") else { preconditionFailure("any text is a key") }
    return key
  }()
}

/// Reads an object; in a request it makes sure first that there is no unknown field, and no `null` that would
/// be passed over.
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
    // Every request comes by here: no key path and no set is made of what is known.
    let unknown = sent.filter { Body.CodingKeys(stringValue: $0.stringValue) == nil }
    guard unknown.isEmpty else {
      let names = Body.CodingKeys.allCases.map { $0.stringValue }.sorted().joined(separator: ", ")
      throw Rejection.invalid(
        unknown.map { $0.stringValue }.sorted().prefix(10).map {
          FieldError(
            field: path(String($0.prefix(64))), code: "unknown_field",
            message: "There is no such field. Known: \(names).")
        })
    }
    for key in sent where try container.decodeNil(forKey: key) {
      guard !Body.nullable.contains(where: { $0.stringValue == key.stringValue }) else { continue }
      throw FieldError(
        field: path(key.stringValue), code: "missing",
        message: "This field cannot be null: send a value, or leave it out where it is not needed.")
    }
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
