/// An object inside a request whose fields are known by name, so that a misspelt one is refused.
public protocol KnownFields: Codable, Sendable {
  /// Every field there is.
  associatedtype CodingKeys: CodingKey, CaseIterable
  /// The fields that `null` takes away; elsewhere it is refused, since it would change nothing without a word.
  static var nullable: [CodingKeys] { get }
}

extension KnownFields {
  /// None.
  public static var nullable: [CodingKeys] { [] }
}

/// A field of a change: left out, `null`, or a new value.
public enum Patch<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  /// The field stays as it is.
  case keep
  /// The field is taken away.
  case clear
  /// The field becomes this.
  case set(Value)

  /// The field after the change.
  public func applied(to old: Value?) -> Value? {
    switch self {
    case .keep: old
    case .clear: nil
    case .set(let value): value
    }
  }

  /// Reads `null` or a value; what is left out never gets here.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self = container.decodeNil() ? .clear : .set(try container.decode(Value.self))
  }

  /// Writes `null` or a value.
  public func encode(to encoder: any Encoder) throws {
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
    let known = Set(Body.CodingKeys.allCases.map(\.stringValue))
    let container = try decoder.container(keyedBy: AnyKey.self)
    let sent = container.allKeys
    let isStrict = decoder.userInfo[.strict] != nil
    let unknown = sent.map(\.stringValue).filter { !known.contains($0) }.sorted()
    let path = decoder.codingPath.isEmpty ? "" : decoder.codingPath.fieldPath + "."
    guard unknown.isEmpty || !isStrict else {
      let names = known.sorted().joined(separator: ", ")
      throw Problem.invalid(
        unknown.prefix(10).map {
          FieldError(
            field: path + String($0.prefix(64)), code: "unknown_field",
            message: "There is no such field. Known: \(names).")
        })
    }
    if isStrict {
      let nullable = Body.nullable.map(\.stringValue)
      for key in sent where try container.decodeNil(forKey: key) && !nullable.contains(key.stringValue) {
        throw FieldError(
          field: path + key.stringValue, code: "missing",
          message: "This field cannot be null: send a value, or leave it out where it is not needed.")
      }
    }
    body = try Body(from: decoder)
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
