extension String {
  /// The text for a search: without case, accents and the forms of letters, and with one space for white space of any
  /// kind. Each character is folded by itself, so that a part of a text is a part of the folded text.
  package var folded: String {
    if let folded = utf8.foldedASCII { return folded }
    var folded = String.UnicodeScalarView()
    for scalar in decomposed.unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint {
      for letter in scalar.compatible {
        for small in letter.properties.lowercaseMapping.decomposed.unicodeScalars where !small.isAccent {
          if let letters = Unicode.Scalar.letters[small] {
            folded.append(contentsOf: letters)
          } else {
            folded.append(Lookalikes.small[small] ?? small)
          }
        }
      }
    }
    return Self.words(folded)
  }
}

extension String.UTF8View {
  /// The folded text; `nil` for a text with a character beyond ASCII.
  fileprivate var foldedASCII: String? {
    var folded: [UInt8] = []
    folded.reserveCapacity(count)
    for byte in self {
      switch byte {
      case 0x80...: return nil
      case 0x41...0x5A: folded.append(byte | 0x20)
      case 0x09...0x0D, 0x20: if folded.last ?? 0x20 != 0x20 { folded.append(0x20) }
      default: folded.append(byte)
      }
    }
    if folded.last == 0x20 { folded.removeLast() }
    return String(decoding: folded, as: UTF8.self)
  }
}

extension Unicode.Scalar {
  /// `true` for an accent that a search ignores. Marks of other scripts are parts of their words.
  fileprivate var isAccent: Bool { (0x300...0x36F).contains(value) }

  /// The letters that people type for a small letter that has no decomposition.
  fileprivate static let letters: [Unicode.Scalar: [Unicode.Scalar]] = [
    "ß": ["s", "s"], "æ": ["a", "e"], "œ": ["o", "e"], "ø": ["o"], "ł": ["l"], "đ": ["d"], "ð": ["d"],
    "þ": ["t", "h"], "ħ": ["h"], "ŧ": ["t"], "ı": ["i"],
  ]
}
