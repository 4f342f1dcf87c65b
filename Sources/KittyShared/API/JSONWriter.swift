/// Writes `Encodable` values as JSON, straight into one array of bytes, keys in the order of their declaration.
///
/// Foundation's encoder first builds a tree and then prints it, which takes most of the time of a short reply;
/// this one has no tree. `make bench` compares both with constant bytes. O(bytes written).
final class JSONWriter {
  private(set) var bytes: [UInt8] = []
  /// The objects and arrays that are open, outermost first.
  private var open: [Level] = []

  private struct Level {
    let end: UInt8
    var isEmpty = true
  }

  /// The bytes of a value.
  /// - Throws: `EncodingError` for what JSON cannot say, and what the value's own `encode` throws.
  static func bytes(of value: some Encodable) throws -> [UInt8] {
    let writer = JSONWriter()
    writer.bytes.reserveCapacity(1024)
    try writer.writeValue(value)
    return writer.bytes
  }

  /// How many objects and arrays are open.
  var depth: Int { open.count }

  func begin(_ start: UInt8, end: UInt8) {
    bytes.append(start)
    open.append(Level(end: end))
  }

  /// Closes what is open inside of the level `depth`.
  func close(to depth: Int) {
    while open.count > depth { bytes.append(open.removeLast().end) }
  }

  /// What stands between two elements of the innermost level.
  func separate() {
    if open[open.count - 1].isEmpty {
      open[open.count - 1].isEmpty = false
    } else {
      bytes.append(UInt8(ascii: ","))
    }
  }

  func writeKey(_ key: String) {
    separate()
    write(key)
    bytes.append(UInt8(ascii: ":"))
  }

  func writeNull() { bytes.append(contentsOf: "null".utf8) }
  func write(_ flag: Bool) { bytes.append(contentsOf: (flag ? "true" : "false").utf8) }
  func write(_ number: UInt64) { bytes.append(contentsOf: number.description.utf8) }

  /// Digit by digit: most of what a reply says are amounts, and a text for each would cost as much as they do.
  func write(_ number: Int64) {
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
  func write(_ number: some BinaryFloatingPoint & LosslessStringConvertible) throws {
    guard number.isFinite else {
      throw EncodingError.invalidValue(
        number, .init(codingPath: [], debugDescription: "JSON has no such number"))
    }
    bytes.append(contentsOf: number.description.utf8)
  }

  func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    if Self.needsEscape(text.utf8.span) {
      for byte in text.utf8 { escape(byte) }
    } else {
      bytes.append(contentsOf: text.utf8)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// The 36 characters of an id, without a text in between.
  func write(_ id: ID) {
    bytes.append(UInt8(ascii: "\""))
    id.appendCharacters(to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  func writeValue<Value: Encodable>(_ value: Value) throws {
    // The two types that replies consist of, without a container for each.
    if Value.self == String.self, let text = value as? String { return write(text) }
    if Value.self == ID.self, let id = value as? ID { return write(id) }
    let before = depth
    let start = bytes.count
    try value.encode(to: JSONValueEncoder(writer: self, depth: before))
    close(to: before)
    // A value that encodes nothing is an empty object, as Foundation has it.
    if bytes.count == start { bytes.append(contentsOf: "{}".utf8) }
  }

  private static func needsEscape(_ text: Span<UInt8>) -> Bool {
    for place in text.indices {
      let byte = text[place]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return true }
    }
    return false
  }

  private func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
    case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
    case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
    case 0..<0x20: bytes.append(contentsOf: "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
    default: bytes.append(byte)
    }
  }
}

/// Where one value writes itself: `depth` levels are open around it.
private struct JSONValueEncoder: Encoder, SingleValueEncodingContainer {
  let writer: JSONWriter
  let depth: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    // A value may ask for its container more than once, and goes on in the same object.
    if writer.depth == depth { writer.begin(UInt8(ascii: "{"), end: UInt8(ascii: "}")) }
    return KeyedEncodingContainer(JSONObject(writer: writer, depth: depth + 1))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if writer.depth == depth { writer.begin(UInt8(ascii: "["), end: UInt8(ascii: "]")) }
    return JSONArray(writer: writer, depth: depth + 1)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { writer.writeNull() }
  func encode(_ value: Bool) { writer.write(value) }
  func encode(_ value: String) { writer.write(value) }
  func encode(_ value: Double) throws { try writer.write(value) }
  func encode(_ value: Float) throws { try writer.write(value) }
  func encode(_ value: Int) { writer.write(Int64(value)) }
  func encode(_ value: Int8) { writer.write(Int64(value)) }
  func encode(_ value: Int16) { writer.write(Int64(value)) }
  func encode(_ value: Int32) { writer.write(Int64(value)) }
  func encode(_ value: Int64) { writer.write(value) }
  func encode(_ value: UInt) { writer.write(UInt64(value)) }
  func encode(_ value: UInt8) { writer.write(UInt64(value)) }
  func encode(_ value: UInt16) { writer.write(UInt64(value)) }
  func encode(_ value: UInt32) { writer.write(UInt64(value)) }
  func encode(_ value: UInt64) { writer.write(value) }
  func encode(_ value: some Encodable) throws { try writer.writeValue(value) }
}

private struct JSONObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let writer: JSONWriter
  let depth: Int
  var codingPath: [any CodingKey] { [] }

  /// Ends what was nested before, and writes the key.
  private func start(_ key: some CodingKey) {
    writer.close(to: depth)
    writer.writeKey(key.stringValue)
  }

  func encodeNil(forKey key: Key) {
    start(key)
    writer.writeNull()
  }
  func encode(_ value: Bool, forKey key: Key) {
    start(key)
    writer.write(value)
  }
  func encode(_ value: String, forKey key: Key) {
    start(key)
    writer.write(value)
  }
  func encode(_ value: Int, forKey key: Key) {
    start(key)
    writer.write(Int64(value))
  }
  func encode(_ value: Int64, forKey key: Key) {
    start(key)
    writer.write(value)
  }
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
    writer.close(to: depth)
    writer.separate()
    count += 1
  }

  mutating func encodeNil() {
    start()
    writer.writeNull()
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
