/// A picture that the terminal draws itself, in pixels, and its place. Its cells are empty.
struct Picture: Hashable, Sendable {
  let preview: Preview
  private(set) var row: Int
  private(set) var column: Int
  /// The size in cells.
  let width: Int
  let height: Int

  /// Places a picture into a box of cells, as large as its proportions allow; `nil` when it does not fit.
  init?(_ preview: Preview, row: Int, column: Int, boxWidth: Int, boxHeight: Int) {
    guard boxWidth > 0, boxHeight > 0 else { return nil }
    // A cell is about twice as high as it is wide.
    let wide = min(boxWidth, boxHeight * 2 * preview.width / preview.height)
    width = max(1, wide)
    height = max(1, min(boxHeight, wide * preview.height / (2 * preview.width)))
    (self.preview, self.row, self.column) = (preview, row, column)
  }

  func moved(rows: Int, columns: Int) -> Picture {
    var moved = self
    (moved.row, moved.column) = (row + rows, column + columns)
    return moved
  }
}
