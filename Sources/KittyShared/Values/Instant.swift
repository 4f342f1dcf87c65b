/// A moment, with a resolution of a millisecond; RFC 3339 in UTC on the wire.
package struct Instant: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  package let milliseconds: Int64

  /// Makes the instant that is `milliseconds` after 1970-01-01T00:00:00Z.
  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The instant that is `duration` later.
  package func advanced(by duration: Duration) -> Instant {
    let (seconds, attoseconds) = duration.components
    return Instant(milliseconds: milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }

  /// The day in UTC.
  package var day: Day { Day(daysSince1970: milliseconds.flooredDivision(by: 86_400_000)) }

  /// Earlier is less.
  package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
}

extension Instant: CustomStringConvertible {
  /// Such as `2026-11-24T08:15:30.250Z`. An instant that this form cannot say is the first or last one that it can, so
  /// that a value of a broken clock or an old import makes no answer unreadable.
  package var description: String {
    let day = max(Day.first, min(Day.last, self.day))
    let rest = milliseconds - day.daysSince1970 * 86_400_000
    let ofDay = max(0, min(86_399_999, rest))
    func pad(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let time = "\(pad(ofDay / 3_600_000, 2)):\(pad(ofDay / 60_000 % 60, 2)):\(pad(ofDay / 1000 % 60, 2))"
    return "\(day)T\(time).\(pad(ofDay % 1000, 3))Z"
  }
}

extension Instant: Codable {
  /// Reads RFC 3339 in UTC. The fraction is optional, and truncated to milliseconds. A leap second is no instant here:
  /// it would be one of the next minute, and at the end of the last year one that cannot be written.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let instant = Instant(text) ?? (decoder.isStrict ? nil : Instant(afterLastYear: text)) else {
      throw FieldError(
        decoder, code: "not_an_instant", message: "Write an instant in UTC, such as 2026-11-24T08:15:30Z.")
    }
    self = instant
  }

  /// Reads the instant of a year with more than four digits, which servers of before may send, as the last one: a list
  /// must not become unreadable because of one value in it. The digits are not looked at closer.
  private init?(afterLastYear text: String) {
    let year = text.utf8.prefix { (0x30...0x39).contains($0) }
    guard year.count > 4, text.utf8.dropFirst(year.count).first == UInt8(ascii: "-"), text.hasSuffix("Z")
    else {
      return nil
    }
    milliseconds = (Day.last.daysSince1970 + 1) * 86_400_000 - 1
  }

  private init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, let day = Day(String(text.prefix(10))), bytes[10] == UInt8(ascii: "T"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), bytes.last == UInt8(ascii: "Z"),
      let hour = Self.number(bytes[11..<13]), let minute = Self.number(bytes[14..<16]),
      let second = Self.number(bytes[17..<19]), hour < 24, minute < 60, second < 60
    else { return nil }
    var fraction: Int64 = 0
    let rest = bytes[19..<(bytes.count - 1)]
    if let point = rest.first {
      let digits = rest.dropFirst()
      guard point == UInt8(ascii: "."), (1...9).contains(digits.count), Self.number(digits) != nil,
        let milliseconds = Self.number((Array(digits) + [0x30, 0x30])[..<3])
      else { return nil }
      fraction = milliseconds
    }
    milliseconds = day.daysSince1970 * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000 + fraction
  }

  /// Returns the number that consists of `digits` alone.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(String(decoding: digits, as: UTF8.self))
  }

  /// Writes RFC 3339 in UTC.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
