import KittyShared

/// Text that may be drawn: nothing in it moves the cursor, hides, or reorders what stands beside it.
///
/// A literal is ours and stays as it is; whatever is put into one is cleaned, always. There is no other way
/// to make one, so a name from a server cannot reach the terminal as it came.
struct SafeText: Hashable, Sendable, ExpressibleByStringInterpolation {
  private(set) var string: String

  /// Cleans a text that comes from outside.
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

  /// How many columns it takes.
  var width: Int { string.reduce(0) { $0 + CellWidth.of($1) } }

  static func + (left: SafeText, right: SafeText) -> SafeText { "\(left)\(right)" }

  /// The text cut to a width; where something is missing it ends in `…`.
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

  /// Line ends and tabs become spaces; what is invisible and has power over its neighbours becomes `·`, so
  /// that the reader sees that something was there; a letter keeps four marks at most.
  private static func cleaned(_ text: some StringProtocol) -> String {
    var clean = String.UnicodeScalarView()
    var marks = 0
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .spacingMark:
        marks += 1
        // The selectors of emoji are drawn differently by every terminal.
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
