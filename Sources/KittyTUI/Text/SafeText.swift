import KittyShared

/// Text that is safe to draw: it cannot move the cursor, and cannot hide or reorder the text beside it.
///
/// A literal stays as it is; every interpolated value is cleaned. There is no other initialiser, so a name from
/// the server never reaches the terminal uncleaned.
struct SafeText: Hashable, Sendable, ExpressibleByStringInterpolation {
  private(set) var string: String

  /// Cleans an untrusted text.
  init(_ untrusted: some StringProtocol) { string = Self.cleaned(untrusted).markingLookalikes }

  init(stringLiteral value: String) { string = value }
  init(stringInterpolation: StringInterpolation) { string = stringInterpolation.text }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""
    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: SafeText) { text += value.string }
    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += SafeText(value.description).string
    }
  }

  /// The number of columns on a terminal.
  var width: Int {
    // The fast path for nearly all text: letters of ASCII take one column each.
    string.utf8.allSatisfy { $0 < 0x80 } ? string.utf8.count : cells.reduce(0) { $0 + $1.width }
  }

  /// The text as cells of a terminal: a letter that takes room, with the marks on it. So a syllable of several letters
  /// keeps all of them.
  var cells: [(character: Character, width: Int)] {
    var cells: [(text: String, width: Int)] = []
    for scalar in string.unicodeScalars {
      let width = CellWidth.of(scalar)
      if let last = cells.indices.last, width == 0 || cells[last].text.takes(scalar) {
        cells[last].text.unicodeScalars.append(scalar)
      } else if let last = cells.indices.last, scalar.isHalfOfFlag, cells[last].width == 1,
        cells[last].text.unicodeScalars.first?.isHalfOfFlag == true
      {
        cells[last].text.unicodeScalars.append(scalar)
        cells[last].width = 2
      } else if width > 0 {
        cells.append((String(scalar), width))
      }
    }
    return cells.compactMap { cell in cell.text.first.map { ($0, cell.width) } }
  }

  static func + (left: SafeText, right: SafeText) -> SafeText { "\(left)\(right)" }

  /// Returns the text cut to a width. A cut text ends with `…`. A number is never cut, since it would be another number:
  /// it is left out whole.
  func fitted(to width: Int) -> SafeText {
    let cells = cells
    guard cells.reduce(0, { $0 + $1.width }) > width else { return self }
    guard width > 0 else { return "" }
    var end = 0
    var used = 0
    while end < cells.count, used + cells[end].width <= width - 1 {
      used += cells[end].width
      end += 1
    }
    let start = cells[..<end].lastIndex { !$0.character.isPartOfNumber }.map { $0 + 1 } ?? 0
    let rest = cells[end...].prefix { $0.character.isPartOfNumber }
    if !rest.isEmpty, (cells[start..<end] + rest).contains(where: { $0.character.isDigit }) { end = start }
    var fitted: SafeText = ""
    fitted.string = String(cells[..<end].map(\.character)) + "…"
    return fitted
  }

  /// Replaces line ends and tabs by spaces, and other invisible control and format characters by `·`, so that
  /// the reader sees that there was a character. A letter keeps at most four combining marks.
  private static func cleaned(_ text: some StringProtocol) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return String(text) }
    let scalars = Array(text.unicodeScalars)
    var clean = String.UnicodeScalarView()
    var marks = 0
    for (index, scalar) in scalars.enumerated() {
      if scalar.properties.isDefaultIgnorableCodePoint {
        switch Joining(scalar, after: scalars[..<index].last, before: scalars[(index + 1)...].first) {
        case .kept: clean.append(scalar)
        case .dropped: break
        case .hidden:
          clean.append("·")
          marks = 0
        }
        continue
      }
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark:
        marks += 1
        if marks <= 4 && !clean.isEmpty { clean.append(scalar) }
        continue
      case .control where scalar == "\n" || scalar == "\t" || scalar == "\r": clean.append(" ")
      case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned, .format:
        clean.append("·")
      default: clean.append(scalar)
      }
      marks = 0
    }
    return String(clean)
  }
}

extension Collection where Element == SafeText {
  /// Joins the texts with a separator.
  func joined(_ between: SafeText) -> SafeText {
    dropFirst().reduce(first ?? "") { "\($0)\(between)\($1)" }
  }
}

/// The treatment of a character that draws nothing by itself. Persian and Indic spelling need joiners, and emoji have
/// joiners and variation selectors; elsewhere such a character only hides a difference.
private enum Joining {
  /// Sent to the terminal, which may join the letters by it.
  case kept
  /// Left out: terminals differ in the width of what it joins.
  case dropped
  /// Shown, since there is nothing to join.
  case hidden

  init(_ scalar: Unicode.Scalar, after before: Unicode.Scalar?, before next: Unicode.Scalar?) {
    switch scalar.value {
    case 0x200C, 0x200D:
      if before?.isJoining == true || next?.isJoining == true {
        self = .kept
      } else {
        self =
          scalar.value == 0x200D && before?.isPartOfEmoji == true && next?.properties.isEmoji == true
          ? .dropped : .hidden
      }
    case 0xFE00...0xFE0F, 0xE0100...0xE01EF:
      self = before.map { $0.properties.isEmoji || $0.properties.isIdeographic } == true ? .dropped : .hidden
    default: self = .hidden
    }
  }
}

extension Unicode.Scalar {
  /// `true` for a letter or mark of a script whose spelling uses joiners: Arabic, Syriac, N'Ko, Indic, Burmese, Khmer,
  /// Mongolian.
  fileprivate var isJoining: Bool {
    let scripts: [ClosedRange<UInt32>] = [
      0x0620...0x08FF, 0x0900...0x0DFF, 0x1000...0x109F, 0x1780...0x18AF, 0xA800...0xA8FF, 0xFB50...0xFDFF,
      0xFE70...0xFEFC,
    ]
    return scripts.contains { $0.contains(value) }
      && (properties.isAlphabetic || properties.generalCategory == .nonspacingMark)
  }

  /// `true` for what an emoji may end with.
  fileprivate var isPartOfEmoji: Bool {
    properties.isEmoji || (0xFE00...0xFE0F).contains(value)
  }
}

extension Character {
  /// `true` for a digit, a sign, or a mark inside of a number or date.
  var isPartOfNumber: Bool { isDigit || ".,'’:/-+−".contains(self) }

  fileprivate var isDigit: Bool { unicodeScalars.first?.properties.generalCategory == .decimalNumber }
}

extension Character {
  /// The two halves of a flag; `nil` for any other character. A terminal draws each half in a column.
  var flag: (UInt32, UInt32)? {
    let scalars = Array(unicodeScalars.prefix(2)).filter(\.isHalfOfFlag)
    return scalars.count == 2 ? (scalars[0].value, scalars[1].value) : nil
  }
}

extension Unicode.Scalar {
  fileprivate var isHalfOfFlag: Bool { (0x1F1E6...0x1F1FF).contains(value) }
}

extension String {
  /// `true` for the colour of an emoji that can have one.
  fileprivate func takes(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isEmojiModifier && unicodeScalars.last?.properties.isEmojiModifierBase == true
  }
}
