import Chafa

/// A picture as characters and colours. They are ordinary cells, so they work in tmux, when the window is resized and
/// when other text is drawn over them.
enum PhotoCells {
  /// The colours to draw with.
  enum Palette: Hashable, Sendable { case colours256, monochrome }

  /// Draws the picture into a box of cells, as large as its proportions allow.
  /// - Returns: The rows of cells; no rows if the picture does not fit.
  static func cells(of preview: Preview, width: Int, height: Int, palette: Palette) -> [[Canvas.Cell]] {
    guard width > 0, height > 0 else { return [] }
    let hasColours = palette == .colours256
    return Chafa.cells(
      of: preview.pixels, size: (preview.width, preview.height), columns: min(width, 200),
      rows: min(height, 100), hasColours: hasColours
    ).map { row in
      row.map { cell in
        guard hasColours else { return Canvas.Cell(character: cell.character) }
        return Canvas.Cell(
          character: cell.character,
          style: .picture(
            foreground: Int16(clamping: cell.foreground), background: Int16(clamping: cell.background)))
      }
    }
  }
}
