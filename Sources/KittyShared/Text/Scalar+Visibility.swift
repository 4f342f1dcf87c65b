extension Unicode.Scalar {
  /// True for a scalar that draws something by itself.
  package var isVisible: Bool {
    // U+2800 is a Braille pattern without dots.
    !properties.isWhitespace && !properties.isDefaultIgnorableCodePoint
      && properties.generalCategory != .format && value != 0x2800
  }

  /// True for a scalar that is drawn on the one before it.
  package var isMark: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: true
    default: false
    }
  }

  /// True for a scalar that draws nothing and changes how its neighbours are drawn: controls, line separators and the
  /// twelve characters with the property Bidi_Control.
  package var isInvisibleControl: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
    default: break
    }
    switch value {
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xE0000...0xE007F, 0xFEFF: return true
    default: return false
    }
  }

  /// The scalar as an escape of JSON, such as `\u009b`; two escapes beyond the first 65,536.
  package var escaped: String {
    String(self).utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}

extension String {
  /// The text with its invisible controls, except line feeds, as escapes of JSON: it can neither steer a terminal nor
  /// hide or reorder other text. JSON has them only inside of strings, so a document stays the same document.
  package var withoutInvisibleControls: String {
    guard unicodeScalars.contains(where: { $0.isInvisibleControl && $0 != "\n" }) else { return self }
    return replacingScalars { $0.isInvisibleControl && $0 != "\n" ? $0.escaped : nil }
  }
}
