/// Looks in a JSON object for the field with the format of an export of KittyCash. It is the first one, but a tool that sorts
/// fields moves it.
struct ExportSearch {
  private(set) var isFound = false
  /// `true` once the first letter was read.
  private var hasBegun = false
  /// The end of what was read: the field may be in two pieces.
  private var end: [UInt8] = []

  private static let value = Array("\"kittycash-group-".utf8)
  private static let key = Array("\"format\"".utf8)
  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
  /// The bytes of a field with its white space.
  private static let longest = 128

  /// Reads the next bytes of a file.
  /// - Returns: `true` when what follows cannot change the answer.
  mutating func isDone(reading piece: [UInt8]) -> Bool {
    var piece = piece[...]
    if !hasBegun {
      piece = piece.drop { Self.isSpace($0) || Self.byteOrderMark.contains($0) }
      guard let first = piece.first else { return false }
      hasBegun = true
      guard first == UInt8(ascii: "{") else { return true }
    }
    let bytes = end + piece
    isFound = bytes.indices.contains { index in
      bytes[index] == Self.value[0] && bytes[index...].starts(with: Self.value)
        && Self.isKey(before: bytes[..<index])
    }
    end = bytes.suffix(Self.longest)
    return isFound
  }

  /// Returns `true` when the bytes end with the key and a colon. Within a text, quotation marks have a backslash.
  private static func isKey(before bytes: ArraySlice<UInt8>) -> Bool {
    var rest = trimmed(bytes)
    guard rest.popLast() == UInt8(ascii: ":") else { return false }
    rest = trimmed(rest)
    return rest.suffix(key.count).elementsEqual(key)
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    return bytes
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
}
