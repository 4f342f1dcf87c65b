/// Reads an object. In a request it first rejects unknown fields, and each `null` that would
/// be ignored.
struct Strict<Body: KnownFields>: Decodable {
  let body: Body

  init(from decoder: any Decoder) throws {
    if decoder.isStrict { try Self.check(decoder) }
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
            field: path($0.cut(to: 64)), code: "unknown_field",
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

extension CodingUserInfoKey {
  /// Set when a request is read. It is not set for responses: a newer server may send more fields.
  static let strict: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "strict") else { preconditionFailure("any text is a key") }
    return key
  }()
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

extension Decoder {
  /// `true` while a request is read, `false` for a response.
  var isStrict: Bool { userInfo[.strict] != nil }
}
