import CNcurses
import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// The terminal, driven by ncurses. Only the main thread uses it.
struct Terminal {
  private let theme: Theme
  /// `true` when the terminal shows only ASCII.
  let isASCII: Bool
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
    isASCII = settings.isASCII || kitty_term_is_utf8() == 0
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

  /// The size of a cell in pixels; `nil` when the terminal does not tell.
  var cell: (width: Int, height: Int)? {
    let (width, height) = (Int(kitty_term_cell_width()), Int(kitty_term_cell_height()))
    return width > 0 && height > 0 ? (width, height) : nil
  }

  /// Asks the terminal for reports of the mouse, or for none.
  func useMouse(_ isOn: Bool) { kitty_term_mouse(isOn ? 1 : 0) }

  /// Copies a text to the clipboard of the terminal. A text that is too long is not copied.
  func copy(_ text: String) {
    if let bytes = Clipboard.sequence(for: text) { send(bytes) }
  }

  /// Sends bytes that leave the cursor where it is.
  func send(_ bytes: [UInt8]) {
    // An error is the hang-up of the terminal, which the next read tells.
    if !bytes.isEmpty { _ = try? FileDescriptor.standardOutput.writeAll(bytes) }
  }

  /// Shows a canvas. ncurses sends only the difference from the canvas before it. A row with letters that a terminal joins
  /// is sent as a whole when it changes: a part of them would be drawn otherwise.
  func show(_ canvas: Canvas, after last: Canvas?, pictures: PictureSupport.Method?) {
    let isOther = canvas.picture != last?.picture
    if isOther, last?.picture != nil {
      if pictures == .kitty { send(PictureBytes.removing) }
      kitty_term_repaint()
    }
    kitty_term_erase()
    for (row, cells) in canvas.cells.enumerated() {
      if let last, last.cells.indices.contains(row), last.cells[row] != cells, canvas.joins(row: row) {
        kitty_term_redraw_row(Int32(row))
      }
      for (column, cell) in cells.enumerated() {
        guard let character = cell.character, character != " " || cell.style != .normal else { continue }
        let look = theme.look(cell.style)
        if isASCII {
          put([Self.ascii(character)], row, column, look)
        } else if let (first, second) = character.flag {
          // Each half takes a column of its own.
          put([first], row, column, look)
          put([second], row, column + 1, look)
        } else {
          put(character.unicodeScalars.prefix(5).map(\.value), row, column, look)
        }
      }
    }
    kitty_term_flush(Int32(canvas.cursor?.row ?? -1), Int32(canvas.cursor?.column ?? 0))
    if isOther, let pictures, let picture = canvas.picture {
      send(PictureBytes.drawing(picture, pictures, cell: cell))
    }
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

  /// The replacement of a character on a terminal that shows only ASCII: a letter without its accents, or `?`.
  static func ascii(_ character: Character) -> UInt32 {
    if let known = asciiForms[character] { return UInt32(known.value) }
    let scalar = String(character).decomposed.unicodeScalars.first
    return scalar.map { (0x20..<0x7f).contains($0.value) ? $0.value : 0x3f } ?? 0x3f
  }

  private static let asciiForms: [Character: Unicode.Scalar] = [
    "│": "|", "─": "-", "█": "#", "▒": "#", "░": ".", "›": ">", "‹": "<", "…": "~", "—": "-", "–": "-",
    "•": "*", "●": "*", "○": "o", "◌": "o",
    "▁": "_", "▂": ".", "▃": "-", "▄": "~", "▅": "=", "▆": "+", "▇": "*",
    "·": ".", "×": "x", "┌": "+", "┐": "+", "└": "+", "┘": "+", "→": ">", "←": "<", "↑": "^", "↓": "v",
    "−": "-",
    "ß": "s", "ø": "o", "Ø": "O", "æ": "a", "Æ": "A", "ł": "l", "Ł": "L", "đ": "d", "“": "\"", "”": "\"",
    "’": "'",
  ]

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
