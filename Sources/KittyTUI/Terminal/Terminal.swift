import CNcurses
import FoundationEssentials
import Glibc

/// The terminal: the only place that knows ncurses. Used by the main thread alone.
struct Terminal {
  /// Whether colours may be used.
  private let hasColour: Bool

  /// The terminal cannot be used.
  struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  /// Takes the terminal over.
  /// - Throws: `Unusable` when standard input and output are not one, or its kind is not known.
  init(environment: [String: String]) throws(Unusable) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
      throw Unusable(
        description: "The full screen needs a terminal. For scripts there are commands: kittycash --help.")
    }
    // Over a slow line the bytes of one key may come apart.
    let delay: Int32 = environment["SSH_CONNECTION"] == nil ? 25 : 100
    guard kitty_term_start(delay) == 0 else {
      throw Unusable(
        description:
          "This terminal (TERM=\(environment["TERM"] ?? "not set")) is not known here. Try TERM=xterm.")
    }
    hasColour = (environment["NO_COLOR"] ?? "").isEmpty && kitty_term_colours() >= 8
  }

  /// Gives the terminal back.
  func stop() { kitty_term_stop() }

  /// Stops the program until the shell lets it go on.
  func suspend() { kitty_term_suspend() }

  /// Readable when the program is to end.
  var signals: Int32 { kitty_term_signals() }
  var size: (width: Int, height: Int) { (Int(kitty_term_width()), Int(kitty_term_height())) }
  var decimalMark: Character { Character(Unicode.Scalar(UInt8(bitPattern: kitty_term_decimal_mark()))) }
  var palette: PhotoCells.Palette { hasColour && kitty_term_colours() >= 256 ? .colours256 : .monochrome }

  /// Shows a canvas; ncurses sends what differs from the one before.
  func show(_ canvas: Canvas) {
    let isUTF8 = kitty_term_is_utf8() != 0
    kitty_term_erase()
    for (row, cells) in canvas.cells.enumerated() {
      for (column, cell) in cells.enumerated() {
        guard let character = cell.character, character != " " || cell.style != .normal else { continue }
        var scalars = character.unicodeScalars.prefix(5).map(\.value) + [0]
        if !isUTF8, let first = scalars.first, first > 0x7e { scalars = [Self.ascii(first), 0] }
        let (attributes, foreground, background) = look(cell.style)
        unsafe kitty_term_put(Int32(row), Int32(column), scalars, attributes, foreground, background)
      }
    }
    kitty_term_flush(Int32(canvas.cursor?.row ?? -1), Int32(canvas.cursor?.column ?? 0))
  }

  /// What stands for a character where only ASCII can be shown.
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
      // Grey on an unknown background is not safe to read; words say what is secondary.
      case .muted: (0, -1, -1)
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

  /// What was pressed since the last call.
  enum Input: Equatable {
    case key(Key)
    case interrupt, suspend, resized
  }

  /// Reads all keys that have come, without waiting.
  func read() -> [Input] {
    var inputs: [Input] = []
    var scalar: UInt32 = 0
    while true {
      let kind = unsafe kitty_term_next(&scalar)
      switch Int(kind) {
      case KITTY_NOTHING: return inputs
      case KITTY_RESIZED: inputs.append(.resized)
      case KITTY_PASTE_START: inputs.append(.key(.paste(readPaste())))
      case KITTY_CHARACTER:
        if scalar == 27, skipUnknownSequence() { continue }
        if let input = Self.input(scalar) { inputs.append(input) }
      default:
        if let key = Self.keys[Int(kind)] { inputs.append(.key(key)) }
      }
    }
  }

  private static let keys: [Int: Key] = [
    KITTY_UP: .up, KITTY_DOWN: .down, KITTY_LEFT: .left,
    KITTY_RIGHT: .right, KITTY_HOME: .home, KITTY_END: .end,
    KITTY_PAGE_UP: .pageUp, KITTY_PAGE_DOWN: .pageDown,
    KITTY_BACKSPACE: .backspace, KITTY_DELETE: .delete, KITTY_BACK_TAB: .backTab, KITTY_F1: .f1,
  ]

  private static func input(_ scalar: UInt32) -> Input? {
    switch scalar {
    case 3: .interrupt
    case 26: .suspend
    case 9: .key(.tab)
    case 10, 13: .key(.enter)
    case 27: .key(.escape)
    case 8, 127: .key(.backspace)
    case 0..<32: Unicode.Scalar(scalar + 0x60).map { .key(.control(Character($0))) }
    case 0x80..<0xa0: nil
    default: Unicode.Scalar(scalar).map { .key(.character(Character($0))) }
    }
  }

  /// An escape that a sequence follows which nobody asked for, such as a late answer of the terminal, is
  /// swallowed: it must never be typed into a field.
  /// - Returns: Whether there was one.
  private func skipUnknownSequence() -> Bool {
    var scalar: UInt32 = 0
    guard unsafe kitty_term_next(&scalar) == Int32(KITTY_CHARACTER) else { return false }
    guard scalar == 0x5b || scalar == 0x4f else { return true }
    // The last byte of a control sequence is from @ to ~.
    for _ in 0..<64 {
      guard unsafe kitty_term_next(&scalar) == Int32(KITTY_CHARACTER) else { return true }
      if (0x40...0x7e).contains(scalar) { return true }
    }
    return true
  }

  /// Everything up to the end of a paste, at most 64 KiB.
  private func readPaste() -> String {
    var text = String.UnicodeScalarView()
    var scalar: UInt32 = 0
    while text.count < 65_536 {
      let kind = unsafe kitty_term_next(&scalar)
      if Int(kind) == KITTY_PASTE_END { break }
      if Int(kind) == KITTY_NOTHING {
        var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        // A paste whose end never comes must not hold everything up.
        guard unsafe poll(&entry, 1, 500) > 0 else { break }
        continue
      }
      if Int(kind) == KITTY_CHARACTER, let found = Unicode.Scalar(scalar) { text.append(found) }
    }
    return String(text)
  }
}
