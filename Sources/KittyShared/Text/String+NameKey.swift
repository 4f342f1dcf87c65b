extension String {
  /// The key of a name in a group: two names with the same key look alike, so only one member can have it. It ignores
  /// case, the form of Unicode, letters that draw nothing, and the width of letters. Letters of Greek and Cyrillic that
  /// look like Latin ones count as these.
  package var nameKey: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return Self.words(lowercased().unicodeScalars) }
    var scalars = decomposed.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }.flatMap(
      \.compatible)
    // A capital can look like another letter than its small form; that matters between letters of Latin.
    if scalars.contains(where: { $0.isASCII && $0.properties.isAlphabetic }) {
      scalars = scalars.map { Lookalikes.capitals[$0] ?? $0 }
    }
    let small = scalars.flatMap { $0.properties.lowercaseMapping.decomposed.unicodeScalars }
    return Self.words(small.map { Lookalikes.small[$0] ?? $0 }).composed
  }

  /// Joins the words of a text with one space. A Braille pattern without dots is white space to a reader.
  static func words(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    let words = scalars.split { $0.properties.isWhitespace || $0 == "\u{2800}" }
    return String(String.UnicodeScalarView(words.joined(separator: [" "])))
  }
}

extension String {
  /// The text with `‹ ›` around each letter that looks like a Latin one in a word that has Latin letters too: `‹а›nna`, with
  /// the first letter from Cyrillic. In a word of one script such a letter is the right one.
  package var markingLookalikes: String {
    if utf8.allSatisfy({ $0 < 0xCD }) { return self }
    var marked = String.UnicodeScalarView()
    for word in unicodeScalars.words {
      let isMixed = word.contains(where: \.isLatin) && word.contains(where: \.looksLatin)
      for scalar in word {
        marked.append(contentsOf: isMixed && scalar.looksLatin ? ["‹", scalar, "›"] : [scalar])
      }
    }
    return String(marked)
  }
}

extension String.UnicodeScalarView {
  /// The words, and the scalars between them, in their order.
  fileprivate var words: [SubSequence] {
    var parts: [SubSequence] = []
    var rest = self[...]
    while let first = rest.first {
      let isWord = first.isPartOfWord
      let part = rest.prefix { $0.isPartOfWord == isWord }
      parts.append(part)
      rest = rest[part.endIndex...]
    }
    return parts
  }
}

extension Unicode.Scalar {
  fileprivate var isPartOfWord: Bool { properties.isAlphabetic || isMark }

  fileprivate var isLatin: Bool {
    value < 0x250 ? properties.isAlphabetic : (0x1E00...0x1EFF).contains(value)
  }

  /// `true` for a letter of Greek or Cyrillic that looks like one of ASCII, except µ and its Greek twin, which stand before
  /// units.
  fileprivate var looksLatin: Bool {
    guard (0x370...0x52F).contains(value), value != 0x3BC else { return false }
    let small = properties.lowercaseMapping.unicodeScalars.first ?? self
    return Lookalikes.small[small]?.isASCII == true || Lookalikes.capitals[self] != nil
  }
}

/// Letters that look like Latin ones. A part of the confusables of Unicode Technical Standard 39.
enum Lookalikes {
  /// Small letters, also for their capitals: `в` counts as `b`, because `В` looks like `B`.
  static let small = pairs(
    """
    аa вb сc ԁd еe һh нh іi јj кk ӏl мm оo рp ԛq ѕs тt уy ѵv ԝw хx \
    αa βb ϲc εe ηn ιi ϳj κk μm νv οo ρp ςσ τt υu χx ζz ſs ɑa ɡg
    """)
  static let capitals = pairs("ΗH ΝN ΥY")

  private static func pairs(_ text: String) -> [Unicode.Scalar: Unicode.Scalar] {
    Dictionary(
      text.split(separator: " ").compactMap { pair in
        let scalars = Array(pair.unicodeScalars)
        return scalars.count == 2 ? (scalars[0], scalars[1]) : nil
      }, uniquingKeysWith: { first, _ in first })
  }
}

extension Unicode.Scalar {
  /// The ordinary letters of a compatibility form: a fullwidth or halfwidth letter, a ligature, a letter of mathematics.
  package var compatible: [Unicode.Scalar] {
    switch value {
    case 0xFF01...0xFF5E: scalar(value - 0xFEE0)
    case 0xFF61...0xFF9F: scalar(Self.halfwidth[Int(value - 0xFF61)])
    case 0xFFA1...0xFFBE: scalar(value - 0xFFA1 + 0x3131)
    case 0xFB00...0xFB06:
      Array(["ff", "fi", "fl", "ffi", "ffl", "st", "st"][Int(value - 0xFB00)].unicodeScalars)
    case 0x1D400...0x1D6A3: scalar(latin((value - 0x1D400) % 52))
    case 0x1D7CE...0x1D7FF: scalar((value - 0x1D7CE) % 10 + 0x30)
    case 0x24B6...0x24E9: scalar(latin(value - 0x24B6))
    case 0x00AA: scalar(0x61)
    case 0x00BA: scalar(0x6F)
    default: [self]
    }
  }

  private func scalar(_ value: UInt32) -> [Unicode.Scalar] { [Unicode.Scalar(value) ?? self] }

  /// The letter at a position of `A…Za…z`.
  private func latin(_ position: UInt32) -> UInt32 { position < 26 ? 0x41 + position : 0x61 + position - 26 }

  /// The ordinary letters of the halfwidth ones of Japanese, from U+FF61 on. The marks at the end follow the letter that they change,
  /// as in the decomposed form of the ordinary one: `ﾊﾞ` is `バ`.
  private static let halfwidth: [UInt32] =
    "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u{3099}\u{309A}"
    .unicodeScalars.map(\.value)
}
