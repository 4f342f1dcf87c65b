import CNcurses
import FoundationEssentials
import POSIX
import SystemPackage

/// The terminal, driven by ncurses. Only the main thread uses it.
struct Terminal {
  private let theme: Theme
  /// The number of colours; 0 when none may be used.
  private let colours: Int
  /// The time to wait for the rest of a key: over a slow connection its bytes may arrive separately.
  let patience: Duration

  /// The terminal cannot be used.
  struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  /// Switches the terminal to the full screen.
  /// - Throws: `Unusable` when standard input or output is not a terminal, or it cannot show a full screen.
  init(environment: [String: String], settings: ScreenSettings) throws(Unusable) {
    guard FileDescriptor.standardInput.isTerminal, FileDescriptor.standardOutput.isTerminal else {
      throw Unusable(
        description: "The full screen needs a terminal. In scripts use the commands: kittycash --help.")
    }
    patience = .milliseconds(environment["SSH_CONNECTION"] == nil ? 25 : 100)
    let type = try TerminalType.choose(environment["TERM"]) { type in
      switch kitty_term_check(type.rawValue) {
      case Int32(KITTY_USABLE): .usable
      case Int32(KITTY_UNKNOWN): .unknown
      default: .linesOnly
      }
    }
    guard kitty_term_start(type.rawValue) == 0 else {
      throw Unusable(description: "The terminal cannot be switched to the full screen.")
    }
    colours = settings.hasColour(environment) ? Int(kitty_term_colours()) : 0
    theme = Theme(settings.theme, colours: colours)
    kitty_term_background(Int32(theme.normal.foreground), Int32(theme.normal.background))
  }

  /// Restores the terminal.
  func stop() { kitty_term_stop() }

  /// Suspends the program until the shell continues it.
  func suspend() { kitty_term_suspend() }

  /// Draws the next canvas as a whole, because another program wrote onto the screen.
  func repaint() { kitty_term_repaint() }

  /// Takes over the size of the window.
  func resize() { kitty_term_resize() }

  /// Readable, with their numbers, after signals that ask the program to end or report a new size.
  var signals: FileDescriptor { FileDescriptor(rawValue: kitty_term_signals()) }
  var size: (width: Int, height: Int) { (Int(kitty_term_width()), Int(kitty_term_height())) }
  var palette: PhotoCells.Palette { colours >= 256 ? .colours256 : .monochrome }

  /// Asks the terminal for reports of the mouse, or for none.
  func useMouse(_ isOn: Bool) { kitty_term_mouse(isOn ? 1 : 0) }

  /// Copies a text to the clipboard of the terminal. A text that is too long is not copied.
  func copy(_ text: String) {
    guard let bytes = Clipboard.sequence(for: text) else { return }
    // An error is the hang-up of the terminal, which the next read tells.
    _ = try? FileDescriptor.standardOutput.writeAll(bytes)
  }

  /// Shows a canvas. ncurses sends only the difference from the canvas before it. A row with letters that a terminal joins
  /// is sent as a whole when it changes: a part of them would be drawn otherwise.
  func show(_ canvas: Canvas, after last: Canvas?) {
    let isUTF8 = kitty_term_is_utf8() != 0
    kitty_term_erase()
    for (row, cells) in canvas.cells.enumerated() {
      if canvas.joins(row: row), last?.cells.indices.contains(row) == true, last?.cells[row] != cells {
        kitty_term_redraw_row(Int32(row))
      }
      for (column, cell) in cells.enumerated() {
        guard let character = cell.character, character != " " || cell.style != .normal else { continue }
        let look = theme.look(cell.style)
        if isUTF8, let (first, second) = character.flag {
          // Each half takes a column of its own.
          put([first], row, column, look)
          put([second], row, column + 1, look)
          continue
        }
        var scalars = character.unicodeScalars.prefix(5).map(\.value)
        if !isUTF8, let first = scalars.first, first > 0x7e { scalars = [Self.ascii(first)] }
        put(scalars, row, column, look)
      }
    }
    kitty_term_flush(Int32(canvas.cursor?.row ?? -1), Int32(canvas.cursor?.column ?? 0))
  }

  private func put(_ scalars: [UInt32], _ row: Int, _ column: Int, _ look: Theme.Look) {
    let all = scalars + Array(repeating: 0, count: 5 - scalars.count)
    let content = kitty_cell(base: all[0], mark1: all[1], mark2: all[2], mark3: all[3], mark4: all[4])
    let attributes =
      (look.isBold ? Int32(KITTY_BOLD) : 0) | (look.isUnderlined ? Int32(KITTY_UNDERLINE) : 0)
      | (look.isReverse ? Int32(KITTY_REVERSE) : 0)
      | (look.isDim ? Int32(KITTY_DIM) : 0)
    kitty_term_put(
      Int32(row), Int32(column), content, attributes, Int32(look.foreground), Int32(look.background))
  }

  /// The replacement of a character on a terminal that shows only ASCII.
  private static func ascii(_ scalar: UInt32) -> UInt32 {
    switch scalar {
    case 0x2502: 0x7c  // │
    case 0x2500: 0x2d  // ─
    case 0x2588: 0x23  // █
    case 0x2591: 0x2e  // ░
    case 0x203a: 0x3e  // ›
    case 0x2039: 0x3c  // ‹
    case 0x2026: 0x7e  // …
    case 0x2014: 0x2d  // —
    case 0x2022: 0x2a  // •
    case 0x00d7: 0x78  // ×
    case 0x250c, 0x2510, 0x2514, 0x2518: 0x2b
    default: 0x3f
    }
  }

  /// Reads the bytes that are available. Call it only when standard input is readable: else it waits.
  /// - Returns: `nil` when the terminal is closed.
  func read() -> [UInt8]? {
    do {
      let bytes = try FileDescriptor.standardInput.readAvailable(upTo: 4096)
      return bytes.isEmpty ? nil : bytes
    } catch {
      return error == .interrupted || error == .resourceTemporarilyUnavailable ? [] : nil
    }
  }
}
