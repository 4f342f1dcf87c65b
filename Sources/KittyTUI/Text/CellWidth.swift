/// The number of columns of a scalar on a terminal. The table is part of the program, so that another C
/// library or terminal database cannot shift a column.
enum CellWidth {
  /// Returns 0 for a mark on the letter before, else 1 or 2.
  static func of(_ scalar: Unicode.Scalar) -> Int {
    // The fast path for nearly all text.
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default:
      if jamo.contains(where: { $0.contains(scalar.value) }) { return 0 }
      return isWide(scalar.value) ? 2 : 1
    }
  }

  /// The vowels and final consonants of Hangul syllables, which are drawn into the cell of the first consonant.
  private static let jamo: [ClosedRange<UInt32>] = [0x1160...0x11FF, 0xD7B0...0xD7FF]

  /// Searches the ascending ranges by halves.
  private static func isWide(_ value: UInt32) -> Bool {
    let ranges = WideCharacters.ranges
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(value)
  }
}
