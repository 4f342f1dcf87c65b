extension SafeText {
  /// Returns the text in lines of at most `width` columns, broken at spaces; a word that is wider than a line, such as an address,
  /// is broken where the line ends.
  func wrapped(to width: Int) -> [SafeText] {
    guard width > 0 else { return [] }
    var lines: [SafeText] = []
    var line: SafeText = ""
    for word in string.split(separator: " ").flatMap({ SafeText($0).pieces(of: width) }) {
      if line.string.isEmpty {
        line = word
      } else if line.width + 1 + word.width <= width {
        line = "\(line) \(word)"
      } else {
        lines.append(line)
        line = word
      }
    }
    return lines + [line]
  }

  /// Returns the text in pieces of at most `width` columns. A number that fits is not divided: it would be read as another one.
  private func pieces(of width: Int) -> [SafeText] {
    guard self.width > width else { return [self] }
    var pieces: [SafeText] = []
    var rest = cells[...]
    while !rest.isEmpty {
      var used = 0
      var end = rest.prefix { cell in
        used += cell.width
        return used <= width
      }.endIndex
      if end == rest.startIndex { end += 1 }
      if end < rest.endIndex, rest[end].character.isPartOfNumber,
        let mark = rest[..<end].lastIndex(where: { !$0.character.isPartOfNumber })
      {
        end = mark + 1
      }
      pieces.append(SafeText(String(rest[..<end].map(\.character))))
      rest = rest[end...]
    }
    return pieces
  }
}
