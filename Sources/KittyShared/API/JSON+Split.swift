import FoundationEssentials

extension JSON {
  /// Splits a document into its list of objects and the rest, so that a large document can be decoded object by object. The list
  /// is in the field `name`, or without a name the document itself. O(bytes). Other tasks get their turn in between.
  /// - Parameter onPart: Called with the bytes of the document, part by part.
  /// - Returns: The document with an empty list, and the place of each object.
  /// - Throws: `Rejection` `.malformed` for anything but objects in the list, and for a second list, `.invalid` for more than `maxObjects`; the error
  ///   of the system.
  package static func split(
    _ document: some ByteSource, list name: String?, _ onPart: ([UInt8]) -> Void = { _ in }
  ) async throws -> (rest: Data, objects: [Range<Int>]) {
    let (rest, objects) = try await split(document, lists: name.map { [$0] }, onPart)
    return (rest, objects[0])
  }

  /// Splits a document into the lists of objects in some of its fields, or itself when `names` is `nil`, and the rest.
  /// - Returns: The document with empty lists, and the places of the objects of each list.
  /// - Throws: As `split(_:list:_:)`.
  package static func split(
    _ document: some ByteSource, lists names: [String]?, _ onPart: ([UInt8]) -> Void = { _ in }
  ) async throws -> (rest: Data, objects: [[Range<Int>]]) {
    var splitter = Splitter(names: names?.map { Array("\"\($0)\"".utf8) })
    for start in stride(from: 0, to: document.count, by: 1 << 16) {
      let part = try document.bytes(in: start..<min(start + 1 << 16, document.count))
      let bytes = [UInt8](part)
      for (offset, byte) in bytes.enumerated() { try splitter.read(byte, at: start + offset) }
      onPart(bytes)
      await Task.yield()
    }
    return (Data(splitter.rest), splitter.objects)
  }
}

extension JSON {
  /// Maximum number of objects in a list that is split: more than the largest file has of the smallest entries.
  static let maxObjects = 1_000_000

  fileprivate static func tooMany(_ list: [UInt8]) -> Rejection {
    .invalid(
      list.isEmpty ? "file" : String(decoding: list.dropFirst().dropLast(), as: UTF8.self), "too_many",
      "The list must have at most \(maxObjects) objects.")
  }
}

/// Reads a document byte by byte.
private struct Splitter {
  /// The fields of the lists with their quotation marks; one without a name for a document that is a list.
  let names: [[UInt8]]
  /// The depth in a list, outside of its objects.
  private let level: Int
  private(set) var rest: [UInt8] = []
  /// The places of the objects of each list.
  private(set) var objects: [[Range<Int>]]
  /// The list that was read last.
  private var list = 0
  private var isInString = false
  private var isEscaped = false
  /// The number of open objects and lists.
  private var depth = 0
  /// The last string in the outermost object, with its quotation marks.
  private var key: [UInt8] = []
  private var place = Place.outside
  /// `true` for each list that has begun.
  private var areFound: [Bool]

  private enum Place: Equatable {
    /// Outside of the lists.
    case outside
    /// In a list, before its first object, in one, after one, or after a comma.
    case first, inside(start: Int), after, comma
  }

  init(names: [[UInt8]]?) {
    (self.names, level) = (names ?? [[]], names == nil ? 1 : 2)
    objects = self.names.map { _ in [] }
    areFound = self.names.map { _ in false }
  }

  mutating func read(_ byte: UInt8, at index: Int) throws(Rejection) {
    switch place {
    case .outside:
      rest.append(byte)
      scan(byte)
      if byte == UInt8(ascii: "["), !isInString, depth == level,
        let found = level == 1 ? 0 : names.firstIndex(of: key)
      {
        // A second list of the same name: it is not clear which one is meant.
        guard !areFound[found] else { throw JSON.malformed }
        areFound[found] = true
        (list, place) = (found, .first)
      }
    case .inside(let start):
      scan(byte)
      if depth == level, !isInString {
        objects[list].append(start..<index + 1)
        place = .after
      }
    case .first, .after, .comma:
      switch byte {
      case 0x20, 0x09, 0x0a, 0x0d: break
      case UInt8(ascii: "{") where place != .after:
        guard objects[list].count < JSON.maxObjects else { throw JSON.tooMany(names[list]) }
        place = .inside(start: index)
        scan(byte)
      case UInt8(ascii: ",") where place == .after: place = .comma
      case UInt8(ascii: "]") where place != .comma:
        place = .outside
        rest.append(byte)
        scan(byte)
      default: throw JSON.malformed
      }
    }
  }

  private mutating func scan(_ byte: UInt8) {
    guard !isInString else {
      if depth == 1 { key.append(byte) }
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return
    }
    switch byte {
    case UInt8(ascii: "\""):
      isInString = true
      if depth == 1 { key = [byte] }
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    default: break
    }
  }
}
