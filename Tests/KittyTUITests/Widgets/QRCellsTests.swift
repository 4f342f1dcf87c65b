import QREncode
import Testing

@testable import KittyTUI

/// QR codes in cells.
struct QRCellsTests {
  /// The modules that cells show: `true` is dark.
  private func modules(_ cells: [[Canvas.Cell]], full: Bool = true) -> [[Bool]] {
    cells.flatMap { row in
      [
        row.map { ["█", "▀"].contains($0.character) == full },
        row.map { ["█", "▄"].contains($0.character) == full },
      ]
    }
  }

  @Test func cellsShowEveryModule() throws {
    let code = try #require(QRCode("otpauth://totp/KittyCash:anna?secret=JBSWY3DPEHPK3PXP"))
    #expect(code.size >= 21 && code.size % 4 == 1)
    for (palette, isInverted, full) in [
      (PhotoCells.Palette.colours256, false, true), (.monochrome, false, false), (.monochrome, true, true),
    ] {
      let picture = QRCells(code, quiet: 2)
      let shown = modules(picture.cells(palette: palette, isInverted: isInverted), full: full)
      for row in 0..<(2 * picture.height) {
        for column in 0..<picture.width {
          #expect(shown[row][column] == code.isDark(row: row - 2, column: column - 2))
        }
      }
    }
  }

  @Test func finderPatternsAreInThreeCorners() throws {
    let code = try #require(QRCode("KITTY"))
    let pattern = ["#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"]
    for (top, left) in [(0, 0), (0, code.size - 7), (code.size - 7, 0)] {
      for (row, line) in pattern.enumerated() {
        for (column, letter) in line.enumerated() {
          #expect(code.isDark(row: top + row, column: left + column) == (letter == "#"))
        }
      }
    }
  }

  @Test func colouredModulesAreBlackOnWhite() throws {
    let code = try #require(QRCode("KITTY"))
    let cells = QRCells(code, quiet: 1).cells(palette: .colours256, isInverted: true)
    #expect(cells.joined().allSatisfy { $0.style == .picture(foreground: 16, background: 231) })
    #expect(cells[0].allSatisfy { [" ", "▄"].contains($0.character) }, "the quiet zone is light")
  }

  /// A terminal that shows only ASCII shows the modules as blanks with a background.
  @Test func blanksShowEveryModule() throws {
    let code = try #require(QRCode("KITTY"))
    let black = Style.picture(foreground: 231, background: 16)
    for (palette, isInverted, dark) in [
      (PhotoCells.Palette.colours256, false, black), (.colours256, true, black),
      (.monochrome, false, .normal),
      (.monochrome, true, .selected),
    ] {
      let picture = QRCells(code, quiet: 1, isASCII: true)
      let cells = picture.cells(palette: palette, isInverted: isInverted)
      #expect(picture.width == 2 * (code.size + 2) && picture.height == code.size + 2)
      #expect(cells.count == picture.height && cells.allSatisfy { $0.count == picture.width })
      #expect(cells.joined().allSatisfy { $0.character == " " })
      for row in 0..<picture.height {
        for column in 0..<picture.width {
          #expect((cells[row][column].style == dark) == code.isDark(row: row - 1, column: column / 2 - 1))
        }
      }
    }
  }

  /// The level is in the two bits below the upper left finder pattern, behind a mask.
  @Test func codeOfABankHasTheMediumCorrection() throws {
    let text = "BCD\n002\n1\nSCT\n\nAnna\nDE02120300000000202051\nEUR12.00\n\n\nFlat 12 (1)"
    func level(_ code: QRCode) -> [Bool] {
      [code.isDark(row: 8, column: 0) != true, code.isDark(row: 8, column: 1) != false]
    }
    #expect(level(try #require(QRCode(text))) == [false, true])
    #expect(level(try #require(QRCode(text, correction: .medium))) == [false, false])
  }

  @Test func textThatHasNoCodeIsRefused() {
    #expect(QRCode("") == nil && QRCode(String(repeating: "x", count: 3000)) == nil)
  }
}
