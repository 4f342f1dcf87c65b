import CEmbeddedFiles

/// The passwords that attackers try first, inside of the program. README.md beside this file names their source.
package enum CommonPasswords {
  /// Lines in the order of their bytes, each with a password in lower case.
  private static let lines = Array(
    UnsafeBufferPointer(start: kitty_common_passwords(), count: kitty_common_passwords_count()))

  /// Returns `true` for a password of the list. A search in the sorted bytes needs no memory beside them.
  /// - Parameter password: In lower case.
  package static func contains(_ password: String) -> Bool {
    let wanted = Array(password.utf8)
    var (low, high) = (0, lines.count)
    // Both are the begin of a line, or the end of the list.
    while low < high {
      let start = begin(ofLineAt: (low + high) / 2)
      let end = lines[start...].firstIndex(of: newline) ?? lines.count
      let line = lines[start..<end]
      if line.elementsEqual(wanted) { return true }
      if line.lexicographicallyPrecedes(wanted) { low = end + 1 } else { high = start }
    }
    return false
  }

  private static let newline = UInt8(ascii: "\n")

  private static func begin(ofLineAt index: Int) -> Int {
    lines[..<index].lastIndex(of: newline).map { $0 + 1 } ?? 0
  }
}
