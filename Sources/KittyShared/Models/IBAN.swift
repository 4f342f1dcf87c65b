/// An international bank account number (ISO 13616).
package struct IBAN: Hashable, Sendable {
  /// The number without spaces, in upper case.
  package let text: String

  /// Reads a number, with spaces or without.
  /// - Returns: `nil` unless it has a country, two check digits and up to 30 other characters, and its check digits are
  ///   right.
  package init?(_ text: String) {
    let bytes = text.uppercased().utf8.filter { $0 != UInt8(ascii: " ") }
    guard (15...34).contains(bytes.count), bytes.allSatisfy({ Self.isLetter($0) || Self.isDigit($0) }),
      bytes.prefix(2).allSatisfy(Self.isLetter), bytes.dropFirst(2).prefix(2).allSatisfy(Self.isDigit),
      Self.remainder(bytes) == 1
    else { return nil }
    self.text = String(decoding: bytes, as: UTF8.self)
  }

  /// The number in groups of four, as people write it.
  package var grouped: String {
    var words = ""
    for (index, character) in text.enumerated() {
      if index > 0, index.isMultiple(of: 4) { words.append(" ") }
      words.append(character)
    }
    return words
  }

  /// Returns the number modulo 97: the first four characters at the end, each letter as two digits from A = 10.
  /// Source: ISO 7064, MOD 97-10.
  private static func remainder(_ bytes: [UInt8]) -> Int {
    (bytes.dropFirst(4) + bytes.prefix(4)).reduce(0) { rest, byte in
      isDigit(byte)
        ? (rest * 10 + Int(byte - UInt8(ascii: "0"))) % 97
        : (rest * 100 + Int(byte - UInt8(ascii: "A")) + 10) % 97
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension FieldChecks {
  /// Checks an IBAN.
  mutating func iban(_ text: String?, _ field: String = "iban") {
    guard let text else { return }
    require(
      IBAN(text) != nil, field, "not_an_iban",
      "Write an IBAN such as DE89 3704 0044 0532 0130 00. Its check digits say that this one has a mistake.")
  }
}
