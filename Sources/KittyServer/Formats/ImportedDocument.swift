import FoundationEssentials
import KittyShared

/// A file as a table or another text, or as JSON. JSON is read in parts, so that a large file needs little memory.
struct ImportedDocument: Sendable {
  /// The text; of JSON only its beginning.
  let text: String
  /// The bytes of JSON, in UTF-8 without a byte order mark; `nil` for another text.
  let json: (any ByteSource)?
  /// The encoding in words, for the user.
  let encoding: String
  /// The fields of the first line with text; none of JSON.
  let header: [String]

  var isJSON: Bool { json != nil }

  /// Reads a file, or of JSON in UTF-8 only checks that it is text.
  /// - Throws: `Rejection` as `ImportedText`; the error of the system.
  init(_ file: some ByteSource, as wanted: ImportedText.Encoding?) throws {
    if wanted ?? .utf8 == .utf8, let (start, json) = try Self.json(file) {
      (text, self.json, encoding, header) = (start, json, ImportedText.Encoding.utf8.name, [])
      return
    }
    if try Self.isOfSingleBytes(file, wanted) {
      // Before all of the file is in memory.
      var ends = LineEnds()
      try file.forEachPart(of: Self.partBytes) { try ends.count($0) }
    }
    let read = try ImportedText(file.bytes(in: 0..<file.count), as: wanted)
    text = read.text
    if read.encoding.isUTF16 {
      var ends = LineEnds()
      try ends.count(text.utf8)
    }
    json = Self.begins(text) ? Data(text.utf8) : nil
    header = json == nil ? Self.header(of: text) : []
    encoding =
      read.isGuess
      ? "\(read.encoding.name), because it is not UTF-8: check the letters of the names" : read.encoding.name
  }

  /// Returns `true` for a text that begins as JSON does.
  private static func begins(_ text: String) -> Bool {
    let first = text.unicodeScalars.first { !$0.properties.isWhitespace }
    return first == "{" || first == "["
  }

  /// Most lines of a text: the place of each is kept. A file of line ends alone would need many times its size.
  static let maxLines = 4_000_000

  /// The line ends of a text, in parts: CR, LF, or both together.
  private struct LineEnds {
    private var number = 0
    private var last: UInt8 = 0

    /// Counts the next bytes.
    /// - Throws: `Rejection` for too many.
    mutating func count(_ bytes: some Sequence<UInt8>) throws(Rejection) {
      for byte in bytes {
        if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") && last != UInt8(ascii: "\r") {
          number += 1
        }
        last = byte
      }
      guard number <= maxLines else {
        throw .unreadable(.file, "too_many", "The file has more than \(maxLines) lines. Divide it.")
      }
    }
  }

  /// Returns `false` for a file that may be UTF-16, whose line ends cannot be told by byte.
  private static func isOfSingleBytes(_ file: some ByteSource, _ wanted: ImportedText.Encoding?) throws
    -> Bool
  {
    if let wanted { return !wanted.isUTF16 }
    let start = try file.bytes(in: 0..<min(200, file.count))
    return !(start.contains(0) || start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]))
  }

  /// The number of bytes that are read at once.
  private static let partBytes = 1 << 16

  /// Returns the beginning and the bytes of JSON in UTF-8; `nil` for another text, and for one that `ImportedText` refuses.
  private static func json(_ file: some ByteSource) throws -> (start: String, bytes: any ByteSource)? {
    let hasMark = try file.bytes(in: 0..<min(3, file.count)).elementsEqual(ImportedText.mark)
    let bytes = Part(file: file, range: (hasMark ? 3 : 0)..<file.count)
    var beginning: String?
    var start = 0
    while start < bytes.count {
      let part = try bytes.bytes(in: start..<min(start + partBytes, bytes.count))
      // A letter of several bytes may be cut off at the end of a part.
      let letter = part.suffix(3).lastIndex { $0 >= 0xC0 } ?? part.endIndex
      let isLast = start + part.count == bytes.count
      guard
        let text = String(validating: part, as: UTF8.self)
          ?? (isLast ? nil : String(validating: part[..<letter], as: UTF8.self)),
        !text.unicodeScalars.contains("\0"), ImportedText.lineOfManyMarks(text) == nil,
        beginning != nil || begins(text)
      else { return nil }
      beginning = beginning ?? text
      start += text.utf8.count
    }
    return beginning.map { ($0, bytes) }
  }

  /// A part of a file.
  private struct Part: ByteSource {
    let file: any ByteSource
    let range: Range<Int>

    var count: Int { range.count }

    func bytes(in part: Range<Int>) throws -> Data {
      try file.bytes(in: part.lowerBound + range.lowerBound..<part.upperBound + range.lowerBound)
    }
  }

  /// The first lines, for recognition: a column or a key of a format is in them.
  var beginning: Substring { text.prefix(4000) }

  /// Returns the fields of the first line with text.
  private static func header(of text: String) -> [String] {
    var start = String(text.unicodeScalars.prefix(20_000))
    if let rest = ImportedTable.namedSeparator(of: start)?.rest { start = String(rest) }
    // A field may be cut off here, but not one of the first line.
    let line = start.unicodeScalars.split(omittingEmptySubsequences: true) { $0 == "\n" || $0 == "\r" }.first
    guard let line, let table = try? ImportedTable(String(line)) else { return [] }
    return table.rows.first?.fields.map(\.trimmed) ?? []
  }

  /// The titles of the columns in a sentence; empty for a text that is no table.
  var titles: String {
    let titles = header.filter { !$0.isEmpty }
    guard titles.count > 1 else { return "" }
    return " Its first line has \(titles.prefix(20).map { "\"\($0.cut(to: 40))\"" }.joined(separator: ", "))."
  }

  // MARK: JSON

  /// Divides a JSON document into a list of objects and the rest.
  /// - Parameter name: The field of the list; `nil` for a document that is a list.
  /// - Throws: `Rejection` for a document that is not JSON; the error of the system.
  func list(_ name: String?) async throws -> List {
    guard let json else { throw Self.notJSON }
    return try await Self.lists(name.map { [$0] }, of: json, at: nil)[0]
  }

  /// Divides a JSON document into lists of objects and the rest, which each of the lists has.
  /// - Parameter names: The fields of the lists.
  /// - Throws: As `list`.
  func lists(_ names: [String]) async throws -> [List] {
    guard let json else { throw Self.notJSON }
    return try await Self.lists(names, of: json, at: nil)
  }

  /// - Parameter place: The place of the document in the file; `nil` for the file itself.
  private static func lists(_ names: [String]?, of json: any ByteSource, at place: String?) async throws
    -> [List]
  {
    do {
      let (rest, objects) = try await JSON.split(json, lists: names)
      return objects.enumerated().map { index, objects in
        let path = [place, names?[index]].compactMap(\.self).joined(separator: ".")
        return List(json: json, place: place ?? "", path: path, objects: objects, rest: rest)
      }
    } catch let error as Rejection where error.errors == nil { throw notDivisible }
  }

  /// A list of objects, each of which is decoded when it is asked for, and the document around it.
  struct List: Sendable {
    fileprivate let json: any ByteSource
    /// The place of the document around it in the file; empty for the file itself.
    fileprivate let place: String
    /// The place of the list in the file; empty for the file itself.
    let path: String
    fileprivate let objects: [Range<Int>]
    fileprivate let rest: Data

    var count: Int { objects.count }

    /// Decodes the document, with an empty list.
    /// - Throws: `Rejection` that names the field.
    func rest<Value: Decodable>(as type: Value.Type) throws(Rejection) -> Value {
      try ImportedDocument.decode(type, from: rest, in: place)
    }

    /// Calls `body` with each object, in order. Other tasks get their turn in between.
    /// - Throws: `Rejection` that names the field; the error of the system, or of `body`.
    func forEach<Value: Decodable>(_ type: Value.Type, _ body: (Int, Value) throws -> Void) async throws {
      for (index, range) in objects.enumerated() {
        try Task.checkCancellation()
        let place = path.isEmpty ? "\(index)" : "\(path).\(index)"
        try body(index, ImportedDocument.decode(type, from: json.bytes(in: range), in: place))
        if index.isMultiple(of: 100) { await Task.yield() }
      }
    }

    /// Divides an object of the list into a list of its own and the rest.
    /// - Parameter name: The field of that list.
    /// - Throws: As `ImportedDocument.list`.
    func list(_ name: String, of index: Int) async throws -> List {
      let object = Part(file: json, range: objects[index])
      return try await ImportedDocument.lists([name], of: object, at: "\(path).\(index)")[0]
    }
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, from data: Data, in place: String = ""
  ) throws(Rejection) -> Value {
    func path(_ name: String) -> String { place.isEmpty ? name.cut(to: 60) : "\(place).\(name.cut(to: 60))" }
    switch JSONFault.first(in: data) {
    case .repeated(let name):
      throw .invalid(path(name), "twice", "The file has this field twice in one object. Export it again.")
    case .tooLarge(let name): throw .tooLarge(path(name))
    case nil: break
    }
    do { return try JSONDecoder().decode(type, from: data) } catch let error as DecodingError {
      throw rejection(error, in: place)
    } catch {
      throw notJSON
    }
  }

  private static let notJSON = Rejection.unreadable(
    .file, "not_readable",
    "The file is not JSON: it is cut off, or was changed by hand. Export it again.")

  /// The rejection of a list that has other values than objects, is there twice, or has a name in escapes.
  static let notDivisible = Rejection.unreadable(
    .file, "not_readable",
    "The list of the file is not one of objects, as its program writes it: it is cut off, or was changed by hand. Export it again."
  )

  private static func rejection(_ error: DecodingError, in place: String) -> Rejection {
    func path(_ keys: [any CodingKey]) -> String {
      let names = (place.isEmpty ? [] : [place]) + keys.map { $0.intValue.map(String.init) ?? $0.stringValue }
      return names.isEmpty ? "file" : names.joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context):
      .invalid(path(context.codingPath + [key]), "missing", "This field is missing in the file.")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      .invalid(
        path(context.codingPath), "not_readable", "The value in the file has another type than expected.")
    case .dataCorrupted(let context):
      .invalid(
        path(context.codingPath), "not_readable",
        "The file is not JSON from here on: it is cut off, or was changed by hand. Export it again.")
    @unknown default: .unreadable(.file, "not_readable", "The file cannot be read.")
    }
  }
}
