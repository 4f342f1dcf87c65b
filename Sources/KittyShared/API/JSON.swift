import FoundationEssentials

/// The JSON codec of client and server.
package enum JSON {
  /// Writes a value, keys in the order of their declaration. O(bytes).
  /// - Throws: `EncodingError`.
  package static func bytes(of value: some Encodable) throws -> [UInt8] { try JSONWriter.bytes(of: value) }

  /// Writes a value, as `bytes(of:)` does.
  /// - Throws: `EncodingError`.
  package static func encode(_ value: some Encodable) throws -> Data { Data(try bytes(of: value)) }

  /// Writes a value as text, as `bytes(of:)` does.
  /// - Throws: `EncodingError`.
  package static func text(of value: some Encodable) throws -> String {
    String(decoding: try bytes(of: value), as: UTF8.self)
  }

  /// Reads a response of the server. Unknown fields, which a newer server may add, are ignored.
  /// - Throws: `DecodingError` or `FieldError`.
  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: Data) throws -> Value {
    try JSONDecoder().decode(type, from: bytes)
  }

  /// Reads a request strictly: unknown fields, fractional numbers and values out of range are rejected by
  /// name. O(bytes).
  /// - Throws: `Rejection`: `.malformed` for a body that is not JSON, `.invalid` for wrong fields.
  package static func decodeRequest<Body: KnownFields>(
    _ type: Body.Type, from bytes: Data
  ) throws(Rejection) -> Body {
    do {
      if let problem = mistake(in: bytes) { throw problem }
      let decoder = JSONDecoder()
      decoder.userInfo[.strict] = true
      return try decoder.decode(Strict<Body>.self, from: bytes).body
    } catch let error as FieldError {
      throw .invalid([error])
    } catch let problem as Rejection {
      throw problem
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      throw unreadable(bytes)
    } catch DecodingError.typeMismatch(_, let context) where context.codingPath.isEmpty {
      throw unreadable(bytes)
    } catch DecodingError.valueNotFound(_, let context) where context.codingPath.isEmpty {
      throw unreadable(bytes)
    } catch let error as DecodingError {
      throw .invalid([FieldError(error)])
    } catch {
      throw unreadable(bytes)
    }
  }

  /// Returns the rejection of a body that the decoder cannot read: it fails without a path at a number that is too large.
  private static func unreadable(_ bytes: Data) -> Rejection {
    mistake(in: bytes, orLargeNumber: true) ?? malformed
  }

  /// Maximum nesting of a request; no request needs a quarter of it.
  private static let maxDepth = 32
  /// Maximum number of fields of an object; no request has a third of it.
  static let maxFields = 64
  /// Maximum number of fields and elements of a body: the decoder keeps much more of each than its text.
  static let maxValues = 5_000_000

  static let malformed = Rejection(
    .malformed, "malformed_json", "The body is not a JSON object",
    "Send one JSON object in UTF-8, such as {\"name\": \"Flat\"}.")

  private static let tooLarge = "The number is too large: it must fit into 64 bits."

  /// Finds mistakes that the decoder ignores: an encoding other than UTF-8, in which the decoder would read
  /// unchecked text; a trailing comma; a number with a fraction or an exponent, which no request has (`10.0` would
  /// be read as 10 minor units); a duplicate field; and more fields or values than any request has, before the decoder
  /// makes a tree of them. Returns a rejection with the field's path.
  /// - Parameter orLargeNumber: `true` to find a number beyond 64 bits as well.
  private static func mistake(in data: Data, orLargeNumber: Bool = false) -> Rejection? {
    let bytes = Array(data)
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { return malformed }
    // The position of the scan: the key in each open object, the index in each open list.
    var path: [(key: [UInt8], index: Int?, keys: Set<[UInt8]>)] = []
    var string = ScannedString()
    var previous: UInt8 = 0
    var (values, number) = (0, ScannedNumber())
    // The last byte that is not space.
    var last: UInt8 = 0
    func field() -> String {
      path.map { level in level.index.map { String($0) } ?? String(decoding: level.key, as: UTF8.self) }
        .joined(separator: ".")
    }
    func problem(_ code: String, _ message: String, _ field: String) -> Rejection {
      .invalid([FieldError(field: field, code: code, message: message)])
    }
    var fraction: Rejection {
      problem(
        "fraction",
        "A number must be whole. Send an amount with decimals as a string: \"42.50\", not 42.50.",
        field())
    }
    for byte in bytes {
      defer {
        previous = byte
        if byte != 0x20, byte != 0x09, byte != 0x0a, byte != 0x0d { last = byte }
      }
      guard path.count <= maxDepth else {
        return problem("too_deep", "The body must not be nested deeper than \(maxDepth) levels.", "")
      }
      if string.isOpen {
        string.read(byte)
        continue
      }
      let isTooLarge = orLargeNumber && !number.read(byte, after: previous)
      if isTooLarge { return problem("out_of_range", tooLarge, field()) }
      switch byte {
      case UInt8(ascii: "\""): string = ScannedString(isOpen: true)
      case UInt8(ascii: "{"): path.append((key: [], index: nil, keys: []))
      case UInt8(ascii: "["): path.append((key: [], index: 0, keys: []))
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard last != UInt8(ascii: ",") else { return malformed }
        _ = path.popLast()
      case UInt8(ascii: ","):
        if let index = path.last?.index { path[path.count - 1].index = index + 1 }
        values += 1
        guard values <= maxValues else {
          return problem("too_many", "The body must have at most \(maxValues) fields and elements.", "")
        }
      case UInt8(ascii: ":"):
        guard !path.isEmpty else { break }
        guard path[path.count - 1].keys.count < maxFields else {
          path.removeLast()
          return problem("too_many", "An object must have at most \(maxFields) fields.", field())
        }
        let key = string.unescaped
        path[path.count - 1].key = key
        guard path[path.count - 1].keys.insert(key).inserted else {
          return problem("twice", "This field must be sent once; it was sent twice.", field())
        }
      case UInt8(ascii: "."): return fraction
      // An exponent follows a digit; the "e" of `true` does not.
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        if (0x30...0x39).contains(previous) { return fraction }
      default: break
      }
    }
    return nil
  }
}

/// A whole number of JSON while it is scanned: its digits so far.
private struct ScannedNumber {
  private var magnitude: UInt64 = 0
  private var isNegative = false

  /// Reads the next byte outside of strings.
  /// - Returns: `false` when the number does not fit into 64 bits.
  mutating func read(_ byte: UInt8, after previous: UInt8) -> Bool {
    guard (0x30...0x39).contains(byte) else { return true }
    if !(0x30...0x39).contains(previous) {
      (magnitude, isNegative) = (0, previous == UInt8(ascii: "-"))
    }
    let (tens, isTooLarge) = magnitude.multipliedReportingOverflow(by: 10)
    let (sum, overflow) = tens.addingReportingOverflow(UInt64(byte - 0x30))
    magnitude = sum
    return !isTooLarge && !overflow && sum <= UInt64(Int64.max) + (isNegative ? 1 : 0)
  }
}

/// A string of JSON while it is scanned: the bytes between its quotes, with their escapes.
private struct ScannedString {
  private(set) var text: [UInt8] = []
  /// True until the closing quote is read.
  private(set) var isOpen: Bool
  private var isEscaped = false

  init(isOpen: Bool = false) { self.isOpen = isOpen }

  mutating func read(_ byte: UInt8) {
    switch byte {
    case _ where isEscaped: isEscaped = false
    case UInt8(ascii: "\\"): isEscaped = true
    case UInt8(ascii: "\""):
      isOpen = false
      return
    default: break
    }
    text.append(byte)
  }

  /// The text without escapes, in UTF-8: the same key can be written in many ways. O(bytes). An unreadable key is
  /// rejected later by the decoder.
  var unescaped: [UInt8] {
    guard text.contains(UInt8(ascii: "\\")) else { return text }
    func unit(_ scalar: Unicode.Scalar) -> UInt16 { UInt16(UInt8(ascii: scalar)) }
    var units: [UInt16] = []
    var rest = Array(String(decoding: text, as: UTF8.self).utf16)[...]
    while let next = rest.popFirst() {
      guard next == unit("\\"), let escape = rest.popFirst() else {
        units.append(next)
        continue
      }
      switch escape {
      case unit("u"):
        let digits = String(decoding: rest.prefix(4), as: UTF16.self)
        rest = rest.dropFirst(4)
        units.append(UInt16(digits, radix: 16) ?? 0xfffd)
      case unit("b"): units.append(0x08)
      case unit("f"): units.append(0x0c)
      case unit("n"): units.append(0x0a)
      case unit("r"): units.append(0x0d)
      case unit("t"): units.append(0x09)
      default: units.append(escape)
      }
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }
}

extension FieldError {
  /// Describes an error of the decoder in words.
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(
        field: (context.codingPath + [key]).fieldPath, code: "missing", message: "This field is required.")
    case .valueNotFound(_, let context):
      self.init(field: context.codingPath.fieldPath, code: "missing", message: "This field must not be null.")
    case .typeMismatch(let type, let context):
      self.init(
        field: context.codingPath.fieldPath, code: "wrong_type",
        message: "The value must be \(Self.words(for: type)).")
    case .dataCorrupted(let context):
      self.init(
        field: context.codingPath.fieldPath, code: "out_of_range",
        message: "The value cannot be read: a number must be whole and fit into 64 bits.")
    @unknown default:
      self.init(field: "", code: "invalid", message: "The value cannot be read.")
    }
  }

  private static func words(for type: any Any.Type) -> String {
    if type == String.self { return "a string" }
    if type == Bool.self { return "true or false" }
    if type is any BinaryInteger.Type { return "a whole number" }
    if String(describing: type).hasPrefix("Array") { return "a list" }
    return "an object"
  }
}
