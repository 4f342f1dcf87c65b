/// Writes `Encodable` values as JSON, straight into one array of bytes, keys in the order of their declaration.
///
/// Foundation's encoder first builds a tree and then prints it, which takes most of the time of a short reply;
/// this one has no tree. `make bench` compares both with constant bytes. O(bytes written).
///
/// The text is a separate value, so that exclusive access to the writer is checked once for each field.
final class JSONWriter {
  fileprivate var text = JSONText()

  /// The bytes of a value.
  /// - Throws: `EncodingError` for a value that JSON cannot represent, and errors of the value's own `encode`.
  static func bytes(of value: some Encodable) throws -> [UInt8] {
    let writer = JSONWriter()
    try writer.writeValue(value)
    return writer.text.bytes
  }

  func writeValue<Value: Encodable>(_ value: Value) throws {
    // The types that replies consist of, without a container for each.
    if Value.self == String.self, let value = value as? String { return text.write(value) }
    if Value.self == ID.self, let id = value as? ID { return text.write(id) }
    if Value.self == LedgerAccount.self, let account = value as? LedgerAccount {
      guard let id = account.member else { return text.write(account.description) }
      return text.write(id)
    }
    if Value.self == Currency.self, let currency = value as? Currency { return text.write(currency.code) }
    let start = text.place
    try value.encode(to: JSONValueEncoder(writer: self, depth: start.depth))
    text.end(start)
  }
}

/// The JSON written so far, and its open objects and arrays.
private struct JSONText {
  private(set) var bytes: [UInt8] = []
  /// The closing brackets of the open objects and arrays, outermost first.
  private var ends: [UInt8] = []

  init() { bytes.reserveCapacity(1024) }

  /// The number of open objects and arrays, and the number of written bytes.
  var place: (depth: Int, count: Int) { (ends.count, bytes.count) }

  /// Begins an object or an array inside of the level `depth`, unless it is open: a value may request its
  /// container more than once, and continues in the same one.
  mutating func begin(_ start: UInt8, end: UInt8, in depth: Int) {
    guard ends.count == depth else { return }
    bytes.append(start)
    ends.append(end)
  }

  /// Ends the value that began at `start`. A value that has written nothing is an empty object, as in
  /// Foundation.
  mutating func end(_ start: (depth: Int, count: Int)) {
    close(to: start.depth)
    if bytes.count == start.count { write(plain: "{}") }
  }

  /// Closes the objects and arrays inside of the level `depth`.
  mutating func close(to depth: Int) {
    while ends.count > depth { bytes.append(ends.removeLast()) }
  }

  /// Begins the next element of the level `depth`.
  mutating func separate(at depth: Int) {
    close(to: depth)
    let last = bytes[bytes.count - 1]
    if last != UInt8(ascii: "{") && last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
  }

  /// Begins the next field of the level `depth`.
  mutating func write(key: some CodingKey, at depth: Int) {
    separate(at: depth)
    write(key.stringValue)
    bytes.append(UInt8(ascii: ":"))
  }

  /// Writes a text without quotes.
  mutating func write(plain text: String) { write(plain: text.utf8[...]) }
  mutating func write(plain text: Substring.UTF8View) { bytes.append(contentsOf: text) }
  mutating func write(_ flag: Bool) { write(plain: flag ? "true" : "false") }
  mutating func write(_ number: UInt64) { write(plain: number.description) }

  /// Writes digit by digit: most values of a reply are amounts, and a string for each would double their cost.
  mutating func write(_ number: Int64) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    guard rest >= 10 else { return bytes.append(UInt8(ascii: "0") + UInt8(rest)) }
    let first = bytes.count
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    bytes[first...].reverse()
  }

  /// - Throws: `EncodingError` for infinities and NaN.
  mutating func write(_ number: some BinaryFloatingPoint & LosslessStringConvertible) throws {
    guard number.isFinite else {
      throw EncodingError.invalidValue(
        number, .init(codingPath: [], debugDescription: "JSON has no such number"))
    }
    write(plain: number.description)
  }

  mutating func write(_ text: String) {
    let text = text.utf8.span
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(UInt8(ascii: "\""), count: text.count + 2))
    var room = bytes.mutableSpan
    for place in text.indices {
      let byte = text[place]
      guard byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") else {
        return escape(text, at: start)
      }
      room[start + 1 + place] = byte
    }
  }

  /// The 36 characters of an id, without a text in between.
  mutating func write(_ id: ID) {
    bytes.append(UInt8(ascii: "\""))
    id.appendCharacters(to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes a text with its escapes over what was written from `start`.
  private mutating func escape(_ text: Span<UInt8>, at start: Int) {
    bytes.removeSubrange((start + 1)...)
    for place in text.indices {
      let byte = text[place]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): write(plain: "\\n")
      case UInt8(ascii: "\r"): write(plain: "\\r")
      case UInt8(ascii: "\t"): write(plain: "\\t")
      case 0..<0x20: write(plain: "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))")
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

/// Encoder of one value: `depth` levels are open around it.
private struct JSONValueEncoder: JSONFieldsEncoder, SingleValueEncodingContainer {
  let writer: JSONWriter
  let depth: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    writer.text.begin(UInt8(ascii: "{"), end: UInt8(ascii: "}"), in: depth)
    return KeyedEncodingContainer(JSONObject(writer: writer, depth: depth + 1))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    writer.text.begin(UInt8(ascii: "["), end: UInt8(ascii: "]"), in: depth)
    return JSONArray(writer: writer, depth: depth + 1)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func write(fieldsOf object: String) {
    writer.text.begin(UInt8(ascii: "{"), end: UInt8(ascii: "}"), in: depth)
    writer.text.separate(at: depth + 1)
    writer.text.write(plain: object.utf8.dropFirst().dropLast())
  }

  func encodeNil() { writer.text.write(plain: "null") }
  func encode(_ value: Bool) { writer.text.write(value) }
  func encode(_ value: String) { writer.text.write(value) }
  func encode(_ value: Double) throws { try writer.text.write(value) }
  func encode(_ value: Float) throws { try writer.text.write(value) }
  func encode(_ value: Int) { writer.text.write(Int64(value)) }
  func encode(_ value: Int8) { writer.text.write(Int64(value)) }
  func encode(_ value: Int16) { writer.text.write(Int64(value)) }
  func encode(_ value: Int32) { writer.text.write(Int64(value)) }
  func encode(_ value: Int64) { writer.text.write(value) }
  func encode(_ value: UInt) { writer.text.write(UInt64(value)) }
  func encode(_ value: UInt8) { writer.text.write(UInt64(value)) }
  func encode(_ value: UInt16) { writer.text.write(UInt64(value)) }
  func encode(_ value: UInt32) { writer.text.write(UInt64(value)) }
  func encode(_ value: UInt64) { writer.text.write(value) }
  func encode(_ value: some Encodable) throws { try writer.writeValue(value) }
}

private struct JSONObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let writer: JSONWriter
  let depth: Int
  var codingPath: [any CodingKey] { [] }

  private func start(_ key: some CodingKey) { writer.text.write(key: key, at: depth) }

  /// Writes a field in one go.
  private func write(_ key: Key, _ value: (inout JSONText) -> Void) {
    write(key, &writer.text, value)
  }
  private func write(_ key: Key, _ text: inout JSONText, _ value: (inout JSONText) -> Void) {
    text.write(key: key, at: depth)
    value(&text)
  }

  func encodeNil(forKey key: Key) { write(key) { $0.write(plain: "null") } }
  func encode(_ value: Bool, forKey key: Key) { write(key) { $0.write(value) } }
  func encode(_ value: String, forKey key: Key) { write(key) { $0.write(value) } }
  func encode(_ value: Int, forKey key: Key) { write(key) { $0.write(Int64(value)) } }
  func encode(_ value: Int64, forKey key: Key) { write(key) { $0.write(value) } }
  func encode(_ value: some Encodable, forKey key: Key) throws {
    start(key)
    try writer.writeValue(value)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> { superEncoder(key).container(keyedBy: keyType) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    superEncoder(key).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { superEncoder(SuperKey()) }
  func superEncoder(forKey key: Key) -> any Encoder { superEncoder(key) }

  private func superEncoder(_ key: some CodingKey) -> JSONValueEncoder {
    start(key)
    return JSONValueEncoder(writer: writer, depth: depth)
  }
}

private struct JSONArray: UnkeyedEncodingContainer {
  let writer: JSONWriter
  let depth: Int
  private(set) var count = 0
  var codingPath: [any CodingKey] { [] }

  init(writer: JSONWriter, depth: Int) {
    self.writer = writer
    self.depth = depth
  }

  private mutating func start() {
    writer.text.separate(at: depth)
    count += 1
  }

  mutating func encodeNil() {
    start()
    writer.text.write(plain: "null")
  }
  mutating func encode(_ value: some Encodable) throws {
    start()
    try writer.writeValue(value)
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> { nested().container(keyedBy: keyType) }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
  mutating func superEncoder() -> any Encoder { nested() }

  private mutating func nested() -> JSONValueEncoder {
    start()
    return JSONValueEncoder(writer: writer, depth: depth)
  }
}

private struct SuperKey: CodingKey {
  let stringValue = "super"
  let intValue: Int? = nil
  init() {}
  init?(stringValue: String) { nil }
  init?(intValue: Int) { nil }
}
