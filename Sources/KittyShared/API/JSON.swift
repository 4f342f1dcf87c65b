import FoundationEssentials

/// A body that a client sends: its fields are known by name, and it can check itself.
package protocol RequestBody: KnownFields {
  /// Notes what is wrong with the values; both ends call it.
  func check(_ checks: inout FieldChecks)
}

/// A request to make something new; the client may make its id.
package protocol Creation: RequestBody {
  /// The id, when the client makes it.
  var id: ID? { get }
}

extension RequestBody {
  /// - Throws: `Rejection.invalid` that names every bad field.
  package func checked() throws(Rejection) -> Self {
    var checks = FieldChecks()
    check(&checks)
    guard checks.errors.isEmpty else { throw .invalid(checks.errors) }
    return self
  }
}

/// The codec that both ends use.
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

  /// Reads an answer of the server. Fields that a newer server added are passed over.
  /// - Throws: `DecodingError` or `FieldError`.
  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: Data) throws -> Value {
    try JSONDecoder().decode(type, from: bytes)
  }

  /// Reads a request strictly: unknown fields, fractional numbers and values out of range are refused by
  /// name. O(bytes).
  /// - Throws: `Rejection`: `.malformed` for what is not JSON, `.invalid` for what does not fit.
  package static func decodeRequest<Body: RequestBody>(
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
      throw malformed
    } catch DecodingError.typeMismatch(_, let context) where context.codingPath.isEmpty {
      throw malformed
    } catch DecodingError.valueNotFound(_, let context) where context.codingPath.isEmpty {
      throw malformed
    } catch let error as DecodingError {
      throw .invalid([FieldError(error)])
    } catch {
      throw malformed
    }
  }

  /// How deep a request may be nested; no request needs a quarter of it.
  private static let maxDepth = 32

  private static let malformed = Rejection(
    .malformed, "malformed_json", "The body is not a JSON object",
    "Send one JSON object in UTF-8, such as {\"name\": \"Flat\"}.")

  /// What a decoder would pass over without a word: another encoding than UTF-8, in which it would read what was
  /// not looked at here, a comma with nothing after it, a number with a fraction or an exponent, which no request
  /// has (`10.0` would be read as 10 minor units), and a field that is there twice. Names the field by its path.
  private static func mistake(in data: Data) -> Rejection? {
    let bytes = Array(data)
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { return malformed }
    // Where in the objects and lists the scan is: the key of each object, the place in each list.
    var path: [(key: [UInt8], place: Int?, keys: Set<[UInt8]>)] = []
    var text: [UInt8] = []
    var inText = false
    var escaped = false
    var previous: UInt8 = 0
    // The last byte that is not space.
    var last: UInt8 = 0
    func field() -> String {
      path.map { level in level.place.map { String($0) } ?? String(decoding: level.key, as: UTF8.self) }
        .joined(separator: ".")
    }
    func problem(_ code: String, _ message: String, _ field: String) -> Rejection {
      .invalid([FieldError(field: field, code: code, message: message)])
    }
    var fraction: Rejection {
      problem(
        "fraction",
        "Numbers here are whole; what may have a fraction is written as a text: \"42.50\", not 42.50.",
        field())
    }
    for byte in bytes {
      defer {
        previous = byte
        if byte != 0x20, byte != 0x09, byte != 0x0a, byte != 0x0d { last = byte }
      }
      guard path.count <= maxDepth else {
        return problem("too_deep", "Nothing here is nested this deep.", "")
      }
      if inText {
        switch byte {
        case _ where escaped:
          escaped = false
          text.append(byte)
        case UInt8(ascii: "\\"):
          escaped = true
          text.append(byte)
        case UInt8(ascii: "\""): inText = false
        default: text.append(byte)
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        inText = true
        text = []
      case UInt8(ascii: "{"): path.append((key: [], place: nil, keys: []))
      case UInt8(ascii: "["): path.append((key: [], place: 0, keys: []))
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard last != UInt8(ascii: ",") else { return malformed }
        _ = path.popLast()
      case UInt8(ascii: ","):
        if let place = path.last?.place { path[path.count - 1].place = place + 1 }
      case UInt8(ascii: ":"):
        guard !path.isEmpty else { break }
        let key = unescaped(text)
        path[path.count - 1].key = key
        guard path[path.count - 1].keys.insert(key).inserted else {
          return problem("twice", "Send this field once.", field())
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

extension JSON {
  /// The text between two quotes as it is meant: the same key can be written in many ways.
  fileprivate static func unescaped(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(UInt8(ascii: "\\")) else { return text }
    let quote = [UInt8(ascii: "\"")]
    // What cannot be read is refused by whoever reads the whole.
    guard let words = try? JSONDecoder().decode(String.self, from: Data(quote + text + quote)) else {
      return text
    }
    return Array(words.utf8)
  }
}

extension FieldError {
  /// Says in words what a decoder found.
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(
        field: (context.codingPath + [key]).fieldPath, code: "missing", message: "This field is needed.")
    case .valueNotFound(_, let context):
      self.init(field: context.codingPath.fieldPath, code: "missing", message: "This field cannot be null.")
    case .typeMismatch(let type, let context):
      self.init(
        field: context.codingPath.fieldPath, code: "wrong_type",
        message: "This must be \(Self.words(for: type)).")
    case .dataCorrupted(let context):
      self.init(
        field: context.codingPath.fieldPath, code: "out_of_range",
        message: "This value cannot be read; a number must be whole and fit 64 bits.")
    @unknown default:
      self.init(field: "", code: "invalid", message: "This value cannot be read.")
    }
  }

  private static func words(for type: any Any.Type) -> String {
    if type == String.self { return "a text" }
    if type == Bool.self { return "true or false" }
    if type is any BinaryInteger.Type { return "a whole number" }
    if String(describing: type).hasPrefix("Array") { return "a list" }
    return "an object"
  }
}
