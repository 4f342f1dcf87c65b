import KittyShared

extension String {
  /// The text for a search: without case, accents and the forms of letters.
  var searchKey: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
    return String(
      String.UnicodeScalarView(
        nameKey.decomposed.unicodeScalars.filter { !(0x300...0x36F).contains($0.value) }))
  }
}
