import KittyShared

/// Text that is safe to draw: it cannot move the cursor, and cannot hide or reorder the text beside it.
///
/// A literal stays as it is; every interpolated value is cleaned. There is no other initialiser, so a name from
/// the server never reaches the terminal uncleaned.
struct SafeText: Hashable, Sendable, ExpressibleByStringInterpolation {
  private(set) var string: String

  /// Cleans an untrusted text.
  init(_ untrusted: some StringProtocol) { string = Self.cleaned(untrusted) }

  init(stringLiteral value: String) { string = value }
  init(stringInterpolation: StringInterpolation) { string = stringInterpolation.text }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""
    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: SafeText) { text += value.string }
    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += SafeText.cleaned(value.description)
    }
  }

  /// The number of columns on a terminal.
  var width: Int { string.reduce(0) { $0 + CellWidth.of($1) } }

  static func + (left: SafeText, right: SafeText) -> SafeText { "\(left)\(right)" }

  /// Returns the text cut to a width. A cut text ends with `…`.
  func fitted(to width: Int) -> SafeText {
    guard self.width > width else { return self }
    guard width > 0 else { return "" }
    var kept = ""
    var used = 0
    for character in string {
      let next = CellWidth.of(character)
      guard used + next <= width - 1 else { break }
      kept.append(character)
      used += next
    }
    var fitted: SafeText = ""
    fitted.string = kept + "…"
    return fitted
  }

  /// Replaces line ends and tabs by spaces, and other invisible control and format characters by `·`, so that
  /// the reader sees that there was a character. A letter keeps at most four combining marks.
  private static func cleaned(_ text: some StringProtocol) -> String {
    var clean = String.UnicodeScalarView()
    var marks = 0
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .spacingMark:
        marks += 1
        // Terminals draw emoji variation selectors differently.
        if marks <= 4 && !(0xFE00...0xFE0F).contains(scalar.value) && !clean.isEmpty { clean.append(scalar) }
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
