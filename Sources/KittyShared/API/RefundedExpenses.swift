/// Finds the ids of the expenses that a group file refunds in its text, byte by byte, without decoding it. The checks of refunds need
/// to remember these expenses alone, which are few in a large file.
///
/// A key that is written with escapes, as no program writes letters, is not found; its refund is refused then.
struct RefundedExpenses {
  private(set) var ids: Set<ID> = []
  private var place = Place.key
  /// The number of bytes of the key that came so far.
  private var matched = 0
  private var text: [UInt8] = []

  private static let key = Array("\"\(EntryContent.CodingKeys.refundOf.rawValue)\"".utf8)

  private enum Place { case key, colon, value, text }

  /// Reads the next bytes of the file.
  mutating func read(_ bytes: [UInt8]) {
    let key = Self.key
    for byte in bytes {
      guard place == .key else {
        readValue(byte)
        continue
      }
      matched = byte == key[matched] ? matched + 1 : byte == key[0] ? 1 : 0
      if matched == key.count { (place, matched) = (.colon, 0) }
    }
  }

  /// Reads a byte after the key.
  private mutating func readValue(_ byte: UInt8) {
    let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    switch (place, byte) {
    case (.colon, _) where isSpace, (.value, _) where isSpace: break
    case (.colon, UInt8(ascii: ":")): place = .value
    case (.value, UInt8(ascii: "\"")): (place, text) = (.text, [])
    case (.text, UInt8(ascii: "\"")):
      if let id = ID(String(decoding: text, as: UTF8.self)) { ids.insert(id) }
      place = .key
    case (.text, _) where text.count < 36: text.append(byte)
    default: (place, matched) = (.key, byte == Self.key[0] ? 1 : 0)
    }
  }
}
