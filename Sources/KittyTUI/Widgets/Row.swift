import KittyShared

/// One row of a list, laid out for the room that there is. A number is drawn whole or not at all: what does not fit is
/// left out, the least important part first, and only a name is cut. So a narrow window may lack an amount, but never
/// shows another one.
struct Row {
  /// A text of the row, or the place of a field.
  struct Part {
    let text: SafeText
    var style = Style.normal
    /// 0 for the most important part, which stays longest. If even that does not fit, `…` stands in its place.
    let rank: Int
    /// The width of its column in all rows of the list.
    var column = 0
    /// The width that it keeps while less important parts take room, for a part that may be cut; `nil` for one that
    /// may not.
    var least: Int?

    /// A text that is drawn whole or not at all, such as an amount.
    static func whole(_ text: SafeText, rank: Int, column: Int = 0, _ style: Style = .normal) -> Part {
      Part(text: text, style: style, rank: rank, column: column)
    }

    /// A text that may be cut, such as a name.
    static func cut(
      _ text: SafeText, rank: Int, least: Int, column: Int = 0, _ style: Style = .normal
    ) -> Part {
      Part(text: text, style: style, rank: rank, column: column, least: least)
    }
  }

  /// The columns of the parts; `nil` for a part that is left out.
  struct Layout {
    fileprivate(set) var left: [Range<Int>?]
    fileprivate(set) var right: [Range<Int>?]
    /// The columns between both sides.
    fileprivate(set) var free: Range<Int>
  }

  /// The parts from the left end on.
  var left: [Part] = []
  /// The parts up to the right end, in the order of reading.
  var right: [Part] = []

  /// The cells between two parts.
  private static let gaps = (left: 1, right: 2)

  /// Returns the columns of each part.
  func layout(_ columns: Range<Int>) -> Layout {
    let (left, right) = widths(columns.count)
    var layout = Layout(left: [], right: [], free: columns)
    var start = columns.lowerBound
    for width in left {
      layout.left.append(width.map { start..<(start + $0) })
      if let width { start += width + Self.gaps.left }
    }
    var end = columns.upperBound
    for width in right.reversed() {
      layout.right.append(width.map { (end - $0)..<end })
      if let width { end -= width + Self.gaps.right }
    }
    layout.right.reverse()
    layout.free = start..<max(start, end)
    return layout
  }

  private func widths(_ room: Int) -> (left: [Int?], right: [Int?]) {
    let parts = left.map { (part: $0, isLeft: true) } + right.map { (part: $0, isLeft: false) }
    let order = parts.indices.sorted { (parts[$0].part.rank, $0) < (parts[$1].part.rank, $1) }
    var widths: [Int?] = Array(repeating: nil, count: parts.count)
    var room = room
    for index in order {
      let (part, isLeft) = parts[index]
      if part.least == nil, part.text.string.isEmpty, part.column == 0 { continue }
      let kept = parts.indices.filter { widths[$0] != nil }
      let gap =
        kept.isEmpty
        ? 0 : isLeft || !kept.contains { !parts[$0].isLeft } ? Self.gaps.left : Self.gaps.right
      // A part that is left out does not make room for a less important one.
      guard let width = Self.width(of: part, in: room - gap) else { break }
      widths[index] = width
      room -= width + gap
    }
    // What is left belongs to the parts that may be cut.
    for index in order {
      guard let width = widths[index], parts[index].part.least != nil else { continue }
      let more = min(room, max(parts[index].part.text.width, parts[index].part.column) - width)
      if more > 0 {
        widths[index] = width + more
        room -= more
      }
    }
    return (Array(widths[..<left.count]), Array(widths[left.count...]))
  }

  private static func width(of part: Part, in room: Int) -> Int? {
    if let least = part.least { return room >= 2 ? min(least, room) : nil }
    let widest = max(part.text.width, part.column)
    if widest <= room { return widest }
    if part.text.width <= room { return part.text.width }
    return part.rank == 0 && room > 0 ? 1 : nil
  }

  /// Draws the row.
  /// - Returns: The columns of its parts, for what is drawn beside the texts.
  @discardableResult func draw(into canvas: inout Canvas, row: Int, columns: Range<Int>) -> Layout {
    let layout = layout(columns)
    for (part, columns) in zip(left, layout.left) {
      guard let columns else { continue }
      canvas.draw(part.text, row: row, column: columns.lowerBound, width: columns.count, style: part.style)
    }
    for (part, columns) in zip(right, layout.right) {
      guard let columns else { continue }
      let text = part.text.fitted(to: columns.count)
      canvas.draw(text, row: row, endingAt: columns.upperBound, style: part.style)
    }
    return layout
  }
}

extension SafeText {
  /// Returns two names with words between them. If they do not fit, both are cut, so that neither vanishes.
  static func pair(_ first: SafeText, _ between: SafeText, _ second: SafeText, width: Int) -> SafeText {
    let room = width - between.width
    guard first.width + second.width > room, room > 2 else { return first + between + second }
    let half = room / 2
    let firstWidth = min(first.width, max(half, room - second.width))
    return first.fitted(to: firstWidth) + between + second.fitted(to: room - firstWidth)
  }
}

extension Canvas {
  /// Draws the words above a list. A small window leaves them out, so that some lines of the list have room.
  /// - Returns: The first row of the list.
  mutating func drawIntroduction(
    _ words: SafeText, rows: Range<Int>, listing count: Int, style: Style = .muted
  ) -> Int {
    let lines = words.wrapped(to: max(10, width - 4))
    guard lines.count + 1 + min(count, 2) <= rows.count || count == 0 else { return rows.lowerBound }
    for (offset, line) in lines.prefix(rows.count).enumerated() {
      draw(line, row: rows.lowerBound + offset, column: 2, style: style)
    }
    return rows.lowerBound + lines.count + 1
  }
}
