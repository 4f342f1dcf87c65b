@_spi(_Unicode) import Swift

extension String {
  /// The text in the composed form of Unicode (NFC), in which a letter with marks has one spelling: macOS and phones send
  /// `é` as two scalars, others as one.
  package var composed: String {
    // All scalars below U+0300 are composed, and their bytes are below 0xCC.
    utf8.allSatisfy { $0 < 0xCC } ? self : String(String.UnicodeScalarView(_nfc))
  }

  /// The text in the decomposed form (NFD): letters, each followed by its marks.
  package var decomposed: String {
    utf8.allSatisfy { $0 < 0x80 } ? self : String(String.UnicodeScalarView(_nfd))
  }
}
