import CNcurses
import FoundationEssentials
import POSIX
import SystemPackage

/// The terminal, driven by ncurses. Only the main thread uses it.
struct Terminal {
  /// `true` when colours may be used.
  private let hasColour: Bool
  /// The time to wait for the rest of a key: over a slow connection its bytes may arrive separately.
  let patience: Duration

  /// The terminal cannot be used.
  struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  /// Switches the terminal to the full screen.
  /// - Throws: `Unusable` when standard input or output is not a terminal, or its type is unknown.
  init(environment: [String: String]) throws(Unusable) {
    guard FileDescriptor.standardInput.isTerminal, FileDescriptor.standardOutput.isTerminal else {
      throw Unusable(
        description: "The full screen needs a terminal. In scripts use the commands: kittycash --help.")
    }
    patience = .milliseconds(environment["SSH_CONNECTION"] == nil ? 25 : 100)
    guard kitty_term_start() == 0 else {
      throw Unusable(
        description:
          "The terminal type (TERM=\(environment["TERM"] ?? "not set")) is unknown on this machine. Try TERM=xterm."
      )
    }
    hasColour = (environment["NO_COLOR"] ?? "").isEmpty && kitty_term_colours() >= 8
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
  var palette: PhotoCells.Palette { hasColour && kitty_term_colours() >= 256 ? .colours256 : .monochrome }

  /// Shows a canvas. ncurses sends only the difference from the canvas before it.
  func show(_ canvas: Canvas) {
    let isUTF8 = kitty_term_is_utf8() != 0
    kitty_term_erase()
    for (row, cells) in canvas.cells.enumerated() {
      for (column, cell) in cells.enumerated() {
        guard let character = cell.character, character != " " || cell.style != .normal else { continue }
        var scalars = character.unicodeScalars.prefix(5).map(\.value)
        if !isUTF8, let first = scalars.first, first > 0x7e { scalars = [Self.ascii(first)] }
        scalars += Array(repeating: 0, count: 5 - scalars.count)
        let content = kitty_cell(
          base: scalars[0], mark1: scalars[1], mark2: scalars[2], mark3: scalars[3], mark4: scalars[4])
        let (attributes, foreground, background) = look(cell.style)
        kitty_term_put(Int32(row), Int32(column), content, attributes, foreground, background)
      }
    }
    kitty_term_flush(Int32(canvas.cursor?.row ?? -1), Int32(canvas.cursor?.column ?? 0))
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

  private func look(_ style: Style) -> (attributes: Int32, foreground: Int32, background: Int32) {
    let (bold, underline) = (Int32(KITTY_BOLD), Int32(KITTY_UNDERLINE))
    var look: (Int32, Int32, Int32) =
      switch style {
      case .normal: (0, -1, -1)
      case .bold, .title: (bold, -1, -1)
      // Grey may be unreadable on an unknown background, so muted text looks like normal text.
      case .muted: (0, -1, -1)
      case .disabled: (Int32(KITTY_DIM), -1, -1)
      case .selected: (Int32(KITTY_REVERSE), -1, -1)
      case .positive: (0, 2, -1)
      case .negative: (0, 1, -1)
      case .warning: (bold, 3, -1)
      case .error: (bold, 1, -1)
      case .key: (bold, 6, -1)
      case .field: (underline, -1, -1)
      case .picture(let foreground, let background): (0, Int32(foreground), Int32(background))
      }
    if !hasColour { (look.1, look.2) = (-1, -1) }
    return look
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
