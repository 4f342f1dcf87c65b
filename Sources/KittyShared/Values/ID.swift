/// The identifier of anything: a UUID, version 7 when made here (RFC 9562), so that newer ids sort later.
package struct ID: Hashable, Comparable, Sendable {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Creates a new id.
  /// - Parameter now: The instant that it carries, with a resolution of a millisecond.
  package init(at now: Instant) {
    var random = SystemRandomNumberGenerator()
    self.init(at: now, using: &random)
  }

  /// Creates a new id with the given source of randomness.
  package init(at now: Instant, using random: inout some RandomNumberGenerator) {
    let milliseconds = UInt64(clamping: now.milliseconds)
    high = (milliseconds << 16) | 0x7000 | (random.next() & 0x0fff)
    low = (random.next() >> 2) | 0x8000_0000_0000_0000
  }

  /// Reads `01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6cf`, in either case; `nil` for anything else.
  package init?(_ text: String) {
    var words: [UInt64] = [0, 0]
    var nibbles = 0
    var position = 0
    for byte in text.utf8 {
      if position == 8 || position == 13 || position == 18 || position == 23 {
        guard byte == 0x2d else { return nil }
      } else {
        guard nibbles < 32, let value = Self.nibble(byte) else { return nil }
        words[nibbles / 16] = words[nibbles / 16] << 4 | value
        nibbles += 1
      }
      position += 1
    }
    guard position == 36 else { return nil }
    high = words[0]
    low = words[1]
  }

  /// The version of the UUID: 7 for those that KittyCash makes and accepts for new things.
  package var version: Int { Int(high >> 12 & 0xf) }

  private static func nibble(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte - 0x30)
    case 0x61...0x66: UInt64(byte - 0x61 + 10)
    case 0x41...0x46: UInt64(byte - 0x41 + 10)
    default: nil
    }
  }

  /// Ids made later sort later.
  package static func < (left: ID, right: ID) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

extension ID: CustomStringConvertible {
  /// 36 characters, lower case.
  package var description: String {
    var text: [UInt8] = []
    text.reserveCapacity(36)
    appendCharacters(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the 36 characters of `description`.
  func appendCharacters(to bytes: inout [UInt8]) {
    var place = bytes.count
    bytes.append(contentsOf: repeatElement(0x2d, count: 36))
    var span = bytes.mutableSpan
    for index in 0..<32 {
      if index == 8 || index == 12 || index == 16 || index == 20 { place += 1 }
      let word = index < 16 ? high : low
      let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (index % 16)) & 0xf)
      span[place] = nibble + (nibble < 10 ? 0x30 : 0x57)
      place += 1
    }
  }
}

extension ID: Codable {
  /// Reads the 36 characters.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let id = ID(text) else {
      throw FieldError(decoder, code: "not_an_id", message: "Write an id: a UUID of 36 characters.")
    }
    self = id
  }

  /// Writes the 36 characters.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension ID {
  /// The lowest id: the start of an ascending list.
  package static let first = ID(high: 0, low: 0)
  /// The highest id: the start of a descending list.
  package static let last = ID(high: .max, low: .max)
}

extension ID {
  /// Makes the id that belongs to a number of something: the same on every machine, and of version 7.
  /// - Parameter day: The day whose start is the instant of the id; `nil` gives it the instant of the other id.
  package init(of id: ID, number: Int64, on day: Day? = nil) {
    let number = ID(high: UInt64(bitPattern: number), low: ~UInt64(bitPattern: number))
    let (first, second) = (rank(of: id, in: number), rank(of: number, in: id))
    let instant = day.map { UInt64(clamping: $0.daysSince1970 * 86_400_000) << 16 } ?? id.high & ~0xffff
    high = instant | 0x7000 | (first & 0x0fff)
    low = (second >> 2) | 0x8000_0000_0000_0000
  }
}

/// Returns a number that depends on the two ids alone: stable over machines and versions, unlike `Hasher`.
/// Source: the 64-bit finaliser of MurmurHash3 (Austin Appleby), chained over the four words.
func rank(of id: ID, in seed: ID) -> UInt64 {
  func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
    mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return mixed ^ (mixed >> 33)
  }
  return mix(id.low ^ mix(id.high ^ mix(seed.low ^ mix(seed.high))))
}
