/// JSON that is safe to print on a terminal.
enum SafeJSON {
  /// Returns the same document with a line end. Characters that control a terminal, or hide or reorder text,
  /// are escaped, such as `\u001b`. JSON has them only inside of strings.
  static func bytes(_ document: [UInt8]) -> [UInt8] {
    var clean: [UInt8] = []
    clean.reserveCapacity(document.count + 1)
    for scalar in String(decoding: document, as: UTF8.self).unicodeScalars {
      if scalar.isASCII ? scalar.value >= 0x20 && scalar.value != 0x7f || isSpace(scalar) : isHarmless(scalar)
      {
        clean += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      } else {
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
          let digits = String(unit, radix: 16)
          clean += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
        }
      }
    }
    if clean.last != UInt8(ascii: "\n") { clean.append(UInt8(ascii: "\n")) }
    return clean
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\t" || scalar == "\r"
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }
}
