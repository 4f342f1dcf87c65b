import QREncode

/// A QR code in cells, two modules in each: a cell is about twice as high as it is wide. A terminal that shows only ASCII
/// has no half blocks: there a module is two blanks with a background.
struct QRCells: Sendable {
  private let code: QRCode
  /// The light modules around the code.
  let quiet: Int
  private let isASCII: Bool

  /// - Parameters:
  ///   - quiet: 4 by the standard; cameras find a code on a screen with 1.
  ///   - isASCII: `true` draws with blanks alone.
  init(_ code: QRCode, quiet: Int, isASCII: Bool = false) {
    self.code = code
    self.quiet = quiet
    self.isASCII = isASCII
  }

  private var side: Int { code.size + 2 * quiet }
  var width: Int { isASCII ? 2 * side : side }
  var height: Int { isASCII ? side : (side + 1) / 2 }

  /// Draws the code.
  /// - Parameters:
  ///   - palette: As in `cells`.
  ///   - isInverted: As in `cells`.
  func draw(
    into canvas: inout Canvas, row: Int, column: Int, palette: PhotoCells.Palette, isInverted: Bool = false
  ) {
    for (offset, line) in cells(palette: palette, isInverted: isInverted).enumerated() {
      for (index, cell) in line.enumerated() {
        canvas.draw(cell, row: row + offset, column: column + index)
      }
    }
  }

  /// Returns the rows of cells. With colours the modules are black on white, whatever the colours of the terminal.
  /// Without colours a module has the colour of text or that of the background.
  /// - Parameter isInverted: Without colours, `true` draws the dark modules in the colour of text, for a terminal with
  ///   a light background.
  func cells(palette: PhotoCells.Palette, isInverted: Bool) -> [[Canvas.Cell]] {
    let hasColours = palette == .colours256
    guard !isASCII else { return blanks(hasColours: hasColours, isInverted: isInverted) }
    // The two colours of the palette that no theme changes.
    let style: Style = hasColours ? .picture(foreground: 16, background: 231) : .normal
    let drawsDark = hasColours || isInverted
    return (0..<height).map { row in
      (0..<width).map { column in
        let top = code.isDark(row: 2 * row - quiet, column: column - quiet) == drawsDark
        let bottom = code.isDark(row: 2 * row + 1 - quiet, column: column - quiet) == drawsDark
        return Canvas.Cell(
          character: top ? bottom ? "█" : "▀" : bottom ? "▄" : " ", style: style)
      }
    }
  }

  /// Returns the rows of blanks. Without colours a light module is reversed, as the selected line is.
  private func blanks(hasColours: Bool, isInverted: Bool) -> [[Canvas.Cell]] {
    let dark: Style =
      hasColours ? .picture(foreground: 231, background: 16) : isInverted ? .selected : .normal
    let light: Style =
      hasColours ? .picture(foreground: 16, background: 231) : isInverted ? .normal : .selected
    return (0..<height).map { row in
      (0..<width).map { column in
        Canvas.Cell(
          character: " ",
          style: code.isDark(row: row - quiet, column: column / 2 - quiet) ? dark : light)
      }
    }
  }
}
