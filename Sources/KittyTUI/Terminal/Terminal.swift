import CNcurses
import FoundationEssentials
import POSIX
import SystemPackage

/// The terminal, driven by ncurses. Only the main thread uses it.
struct Terminal {
  /// `true` when colours may be used.
  private let hasColour: Bool

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
    // Over a slow connection the bytes of one key may arrive separately.
    let delay: Int32 = environment["SSH_CONNECTION"] == nil ? 25 : 100
    guard kitty_term_start(delay) == 0 else {
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

  /// Readable when a signal asked the program to end.
  var signals: FileDescriptor { FileDescriptor(rawValue: kitty_term_signals()) }
  var size: (width: Int, height: Int) { (Int(kitty_term_width()), Int(kitty_term_height())) }
  var decimalMark: Character { Character(Unicode.Scalar(UInt8(bitPattern: kitty_term_decimal_mark()))) }
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

  /// Something that the terminal reports.
  enum Input: Equatable {
    case key(Key)
    case interrupt, suspend, resized
  }

  /// Reads all keys that are available, without waiting.
  func read() -> [Input] {
    var inputs: [Input] = []
    while true {
      let next = kitty_term_next()
      switch Int(next.kind) {
      case KITTY_NOTHING: return inputs
      case KITTY_RESIZED: inputs.append(.resized)
      case KITTY_PASTE_START: inputs.append(.key(.paste(readPaste())))
      case KITTY_CHARACTER:
        if next.scalar == 27, skipUnknownSequence() { continue }
        if let input = Self.input(next.scalar) { inputs.append(input) }
      default:
        if let key = Self.keys[Int(next.kind)] { inputs.append(.key(key)) }
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

  /// Drops an unexpected control sequence after an escape, such as a late reply of the terminal: it must never
  /// be typed into a field.
  /// - Returns: `true` when a sequence was dropped.
  private func skipUnknownSequence() -> Bool {
    let second = kitty_term_next()
    guard Int(second.kind) == KITTY_CHARACTER else { return false }
    guard second.scalar == 0x5b || second.scalar == 0x4f else { return true }
    // The last byte of a control sequence is from @ to ~.
    for _ in 0..<64 {
      let next = kitty_term_next()
      guard Int(next.kind) == KITTY_CHARACTER else { return true }
      if (0x40...0x7e).contains(next.scalar) { return true }
    }
    return true
  }

  /// Reads up to the end of a paste, at most 65,536 characters.
  private func readPaste() -> String {
    var text = String.UnicodeScalarView()
    while text.count < 65_536 {
      let next = kitty_term_next()
      if Int(next.kind) == KITTY_PASTE_END { break }
      if Int(next.kind) == KITTY_NOTHING {
        // A paste without an end must not block the program.
        guard Readiness.wait(for: [.standardInput], timeout: .milliseconds(500))[0].isReadable else { break }
        continue
      }
      if Int(next.kind) == KITTY_CHARACTER, let scalar = Unicode.Scalar(next.scalar) { text.append(scalar) }
    }
    return String(text)
  }
}
