import KittyShared

/// The layout of a list with words above it, or with its filter in their place. A narrow window has two lines for each
/// row, and a small one no words.
struct IntroducedList {
  let words: SafeText
  /// The number of rows.
  let count: Int
  var filter = ListFilter()
  /// The number of rows without the filter.
  var total = 0
  /// `true` when there are more rows to read.
  var isMore = false

  /// Returns the step of a page: all visible rows but one.
  func page(_ context: Context) -> Int {
    let height = places(context.rows, context).list.count
    return max(1, height / lines(context, height) - 1)
  }

  /// Draws the words and the table of the visible rows.
  /// - Parameter makeTable: Makes the table of the rows in a range, with a number of lines for each.
  func view<Item: Hashable>(
    of items: [Item], into canvas: inout Canvas, rows: Range<Int>, _ selection: ListSelection<Item>,
    _ context: Context, _ makeTable: (_ visible: Range<Int>, _ lines: Int) -> ListTable
  ) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let (introduction, list) = places(rows, context)
    // The words may say that the list is empty, which one with a filter is not.
    for (line, row) in zip(filter.isShown ? [] : introductionLines(context), introduction) {
      canvas.draw(line, row: row, column: 2)
    }
    let lines = lines(context, list.count)
    let visible = selection.visible(in: items, height: list.count / lines)
    let (table, columns) = (makeTable(visible, lines), ListTable.columns(in: context.width))
    table.draw(
      into: &canvas, rows: list, columns: columns,
      selected: selection.index(in: items).map { $0 - visible.lowerBound })
    guard filter.isShown else {
      guard introduction.upperBound < list.lowerBound, let index = selection.index(in: items) else { return }
      // The row between the words and the list: the place in a list that does not fit, and the headings of its columns.
      if visible.count < items.count || isMore {
        let place: SafeText = "\(index + 1) of \(items.count)\(isMore ? "+" : "")"
        canvas.draw(
          place, row: introduction.upperBound, column: 2,
          width: max(0, (table.firstTitle(in: columns) ?? columns.upperBound) - 3), style: .muted)
      }
      return table.drawTitles(into: &canvas, row: introduction.upperBound, columns: columns)
    }
    if count == 0 { canvas.draw("No line contains this text.", row: list.lowerBound, column: 2) }
    filter.view(
      into: &canvas, row: rows.lowerBound, columns: ListTable.columns(in: context.width), shown: count,
      of: "\(total)")
  }

  private func lines(_ context: Context, _ height: Int) -> Int { context.width < 40 && height >= 2 ? 2 : 1 }

  private func introductionLines(_ context: Context) -> [SafeText] {
    words.wrapped(to: max(10, min(ListTable.widest, context.width - 4)))
  }

  /// A small window leaves the words out, so that some rows of the list have room.
  private func places(_ room: Range<Int>, _ context: Context) -> (introduction: Range<Int>, list: Range<Int>)
  {
    if filter.isShown {
      let first = min(room.upperBound, room.lowerBound + 1)
      return (room.lowerBound..<first, first..<room.upperBound)
    }
    let introduction = introductionLines(context)
    let isShown = count == 0 || introduction.count + 1 + min(count, 2) <= room.count
    guard isShown else { return (room.lowerBound..<room.lowerBound, room) }
    let end = min(room.upperBound, room.lowerBound + introduction.count)
    return (room.lowerBound..<end, min(room.upperBound, end + 1)..<room.upperBound)
  }
}
