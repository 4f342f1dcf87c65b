import KittyShared

/// The name that stands before the cursor in a line of quick entry, as far as it is typed: `+ca` in `9 tea +ca`.
struct QuickCompletion: Hashable, Sendable {
  let sign: QuickWord.Sign
  /// The name so far.
  let typed: String
  /// The characters of the line that the name replaces, with the sign.
  let range: Range<Int>

  /// Finds the name; `nil` when the cursor is not behind one.
  init?(in line: [Character], cursor: Int) {
    let end = min(cursor, line.count)
    var start = 0
    var isQuoted = false
    for index in 0..<end {
      if isQuoted {
        if line[index] == "\"" { isQuoted = false }
      } else if line[index].isWhitespace {
        start = index + 1
      } else if line[index] == "\"" {
        // Elsewhere it is an ordinary character, as in 12" pizza.
        isQuoted = index == start || (index == start + 1 && QuickWord.Sign(rawValue: line[start]) != nil)
      }
    }
    guard start < end, let sign = QuickWord.Sign(rawValue: line[start]) else { return nil }
    var name = line[(start + 1)..<end]
    if name.first == "\"" {
      // The amount after a closed name is not completed.
      guard isQuoted || name.count == 1 else { return nil }
      name = name.dropFirst()
    } else if name.contains(":") || (sign == .without && name.first?.isNumber == true) {
      return nil
    }
    self.sign = sign
    typed = String(name)
    range = start..<end
  }

  /// Returns the text that stands for a member, whatever the name is.
  static func text(of member: Member, in members: [Member]) -> String {
    let name = member.name
    let isPlain =
      !name.contains { $0.isWhitespace || $0 == ":" || $0 == "\"" }
      && !["me", "kitty"].contains(name.lowercased()) && ID(name) == nil && !name.isEmpty
    let isAlone = members.count { $0.name == name } == 1
    if isAlone && isPlain { return name }
    return isAlone && !name.unicodeScalars.contains("\"") ? "\"\(name)\"" : "\(member.id)"
  }
}
