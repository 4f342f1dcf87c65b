/// A parser of the bytes that a terminal sends: keys, pastes and reports of the mouse come out. A sequence that it does
/// not know, such as a modified arrow, a report of the focus or a late reply, is dropped as a whole: it must neither end
/// the program nor be typed into a field. Bytes may come in pieces of any size.
struct KeyParser: Sendable {
  /// An input of the user.
  enum Input: Hashable, Sendable {
    case key(Key)
    case mouse(Mouse)
    case reply(TerminalReply)
    case interrupt, suspend, repaint
  }

  private enum State: Hashable, Sendable {
    case ground
    /// After an escape: the key, or the start of a sequence.
    case escape
    /// After `ESC [` or `ESC O`, with the bytes so far.
    case sequence(introducer: UInt8, [UInt8])
    /// In a reply of the terminal, up to its end.
    case string(introducer: UInt8, [UInt8])
    /// In an old mouse report, with the number of bytes to come.
    case report(Int)
    /// In a paste, with the number of bytes of the end mark that were seen.
    case paste(Int)
  }

  private var state = State.ground
  /// The bytes of an incomplete character, and their number when it is complete.
  private var partial: [UInt8] = []
  private var length = 0
  /// `true` when the incomplete character belongs to an Alt key.
  private var isAlt = false
  private var pasted: [UInt8] = []
  private var inputs: [Input] = []

  /// The bytes of a paste that are kept: more than any field takes. The rest of the paste is dropped.
  static let longestPaste = 65_536
  private static let escape: UInt8 = 0x1b
  private static let endOfPaste = Array("\u{1b}[201~".utf8)

  /// `true` within a paste. It lasts until its end mark, however late that comes.
  var isPasting: Bool { if case .paste = state { true } else { false } }

  /// `true` when the next bytes decide about the bytes so far. If none come soon, call `expire`.
  var isUndecided: Bool { state != .ground && !isPasting }

  /// `true` within a sequence that no person types. Its rest must not become text, however slow the connection is.
  var isInSequence: Bool {
    switch state {
    case .sequence(_, let bytes): !bytes.isEmpty
    case .string, .report: true
    case .ground, .escape, .paste: false
    }
  }

  /// Returns the inputs that the bytes complete.
  mutating func parse(_ bytes: some Sequence<UInt8>) -> [Input] {
    for byte in bytes { take(byte) }
    defer { inputs = [] }
    return inputs
  }

  /// Ends a sequence that was not continued. An escape alone is the key.
  mutating func expire() -> [Input] {
    guard isUndecided else { return [] }
    defer { state = .ground }
    return state == .escape ? [.key(.escape)] : []
  }

  private mutating func take(_ byte: UInt8) {
    switch state {
    case .ground: takeText(byte)
    case .escape: takeAfterEscape(byte)
    case .sequence(let introducer, let bytes): takeSequence(byte, introducer, bytes)
    case .string(let introducer, let bytes):
      // It ends with BEL, or with ESC \. No answer that the client asks for is longer than 64 bytes.
      guard byte == 7 || byte == Self.escape else {
        state = .string(introducer: introducer, bytes.count < 64 ? bytes + [byte] : bytes)
        return
      }
      state = byte == 7 ? .ground : .escape
      if let reply = TerminalReply(introducer, String(decoding: bytes, as: UTF8.self)) {
        inputs.append(.reply(reply))
      }
    case .report(let rest): state = rest > 1 ? .report(rest - 1) : .ground
    case .paste(let seen): takePasted(byte, seen)
    }
  }

  private mutating func takeText(_ byte: UInt8) {
    if !partial.isEmpty {
      guard (0x80..<0xc0).contains(byte) else {
        // The character is broken off.
        partial = []
        return takeText(byte)
      }
      partial.append(byte)
      if partial.count == length { endCharacter() }
      return
    }
    isAlt = isAlt && byte >= 0xc2
    switch byte {
    case Self.escape: state = .escape
    case 0..<0x80: takeASCII(byte)
    case 0xc2..<0xe0: (partial, length) = ([byte], 2)
    case 0xe0..<0xf0: (partial, length) = ([byte], 3)
    case 0xf0..<0xf5: (partial, length) = ([byte], 4)
    default: break
    }
  }

  private mutating func endCharacter() {
    defer { (partial, isAlt) = ([], false) }
    guard !isAlt, let character = String(validating: partial, as: UTF8.self)?.unicodeScalars.first,
      !(0x80..<0xa0).contains(character.value)
    else { return }
    inputs.append(.key(.character(Character(character))))
  }

  private mutating func takeASCII(_ byte: UInt8) {
    let input: Input =
      switch byte {
      case 3: .interrupt
      case 12: .repaint
      case 26: .suspend
      case 9: .key(.tab)
      case 10, 13: .key(.enter)
      case 8, 127: .key(.backspace)
      case 0..<32: .key(.control(Character(Unicode.Scalar(byte + 0x60))))
      default: .key(.character(Character(Unicode.Scalar(byte))))
      }
    inputs.append(input)
  }

  private mutating func takeAfterEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "["), UInt8(ascii: "O"): state = .sequence(introducer: byte, [])
    case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      state = .string(introducer: byte, [])
    case Self.escape: inputs.append(.key(.escape))
    case 3:
      state = .ground
      inputs.append(.interrupt)
    case UInt8(ascii: "b"), UInt8(ascii: "f"):
      state = .ground
      inputs.append(.key(byte == UInt8(ascii: "b") ? .wordLeft : .wordRight))
    case 0x80...:
      (state, isAlt) = (.ground, true)
      takeText(byte)
    default: state = .ground
    }
  }

  private mutating func takeSequence(_ byte: UInt8, _ introducer: UInt8, _ bytes: [UInt8]) {
    switch byte {
    case UInt8(ascii: "[") where bytes.isEmpty, 0x20..<0x40:
      // The Linux console sends F1 as ESC [ [ A. No known sequence is longer than 24 bytes.
      state = .sequence(introducer: introducer, bytes.count < 24 ? bytes + [byte] : bytes)
    case 0x40..<0x7f:
      state = .ground
      if introducer == UInt8(ascii: "["), bytes.isEmpty, byte == UInt8(ascii: "M") { state = .report(3) }
      end(String(decoding: [introducer] + bytes + [byte], as: UTF8.self))
    default:
      state = .ground
      take(byte)
    }
  }

  private mutating func end(_ sequence: String) {
    if sequence == "[200~" {
      pasted = []
      state = .paste(0)
    } else if sequence.hasPrefix("[<"), let last = sequence.last, last == "M" || last == "m" {
      let mouse = Mouse(parameters: sequence.dropFirst(2).dropLast(), isRelease: last == "m")
      if let mouse { inputs.append(.mouse(mouse)) }
    } else if let reply = TerminalReply(UInt8(ascii: "["), sequence) {
      inputs.append(.reply(reply))
    } else if let key = Self.keys[sequence] {
      inputs.append(.key(key))
    }
  }

  /// The sequences of all terminals, after the escape.
  private static let keys: [String: Key] = [
    "[A": .up, "OA": .up, "[B": .down, "OB": .down, "[C": .right, "OC": .right, "[D": .left, "OD": .left,
    "[1;2A": .shiftUp, "[a": .shiftUp, "[1;2B": .shiftDown, "[b": .shiftDown,
    "[1;2C": .shiftRight, "[c": .shiftRight, "[1;2D": .shiftLeft, "[d": .shiftLeft,
    "[1;5D": .wordLeft, "[1;3D": .wordLeft, "Od": .wordLeft,
    "[1;5C": .wordRight, "[1;3C": .wordRight, "Oc": .wordRight,
    "[H": .home, "OH": .home, "[1~": .home, "[7~": .home,
    "[F": .end, "OF": .end, "[4~": .end, "[8~": .end,
    "[5~": .pageUp, "[6~": .pageDown, "[3~": .delete, "[Z": .backTab, "OM": .enter,
    "OP": .f1, "[P": .f1, "[11~": .f1, "[[A": .f1, "[24~": .f12,
  ]

  private mutating func takePasted(_ byte: UInt8, _ seen: Int) {
    let mark = Self.endOfPaste
    if byte == mark[seen] {
      guard seen + 1 == mark.count else {
        state = .paste(seen + 1)
        return
      }
      inputs.append(.key(.paste(String(decoding: pasted, as: UTF8.self))))
      (pasted, state) = ([], .ground)
      return
    }
    // The bytes that looked like the mark are text. Only the first byte of the mark is an escape.
    for byte in mark[..<seen] + (byte == Self.escape ? [] : [byte]) where pasted.count < Self.longestPaste {
      pasted.append(byte)
    }
    state = .paste(byte == Self.escape ? 1 : 0)
  }
}
