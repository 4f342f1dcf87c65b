extension Unicode.Scalar {
  /// True for a scalar that draws something by itself.
  var isVisible: Bool {
    !properties.isWhitespace && !properties.isDefaultIgnorableCodePoint
      && properties.generalCategory != .format
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
}
