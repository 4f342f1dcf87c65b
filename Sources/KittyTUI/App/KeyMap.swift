import KittyShared

/// The keys that the user has given to actions. They replace the keys of the action on each screen that has it; another
/// action of the screen loses such a key.
struct KeyMap: Sendable {
  private var keys: [Command: [Key]] = [:]
  /// The actions in the order of their settings.
  private var order: [Command] = []
  /// The settings that could not be used, and the keys that two actions wanted, as sentences with their line.
  private(set) var problems: [SafeText] = []

  /// The keys of the program.
  init() {}

  /// - Parameters:
  ///   - path: The path of the file, for messages.
  ///   - screens: The screens on which conflicts are looked for.
  init(_ settings: [ClientSettings.KeySetting], at path: String, screens: [any Screen]) {
    var lines: [Command: Int] = [:]
    for setting in settings {
      let place: SafeText = "\(path), line \(setting.line): "
      guard let command = Self.commands[setting.action] else {
        problems.append(place + "there is no action \"\(setting.action)\". docs/cli.md has the names.")
        continue
      }
      let found = setting.keys.map { (name: $0, key: Key(name: $0)) }
      for (name, key) in found where key == nil {
        problems.append(
          place
            + "\"\(name)\" is not a key that an action can have. Write a letter, or a name such as ctrl-t or pagedown."
        )
      }
      let usable = found.compactMap(\.key)
      guard !usable.isEmpty else { continue }
      keys[command] = usable
      order.append(command)
      lines[command] = setting.line
    }
    for screen in screens { findConflicts(on: screen, lines, path) }
  }

  /// Notes the keys that two actions of a screen have.
  private mutating func findConflicts(on screen: any Screen, _ lines: [Command: Int], _ path: String) {
    let bindings = screen.bindings.filter { !$0.keys.isEmpty }
    for binding in bindings {
      guard let line = lines[binding.command] else { continue }
      for key in usable(binding.command, isEditing: screen.isEditing) {
        let others = bindings.filter { other in
          guard other.command != binding.command else { return false }
          let theirs = usable(other.command, isEditing: screen.isEditing)
          // Of two settings, the later one is reported.
          return theirs.isEmpty
            ? other.keys.contains(key) : theirs.contains(key) && (lines[other.command] ?? 0) < line
        }
        guard let other = others.first else { continue }
        let words: SafeText =
          "\(path), line \(line): \(key.name) of \"\(Self.name(of: binding.command))\" is also the key of \"\(Self.name(of: other.command))\" on a screen with both (\(screen.title))."
        let same = "line \(line): \(key.name) of"
        if !problems.contains(where: { $0.string.contains(same) }) { problems.append(words) }
      }
    }
  }

  /// The keys that edit a text.
  private static let ofFields: Set<Key> = Set(
    "abdefhkuw".map { Key.control($0) } + [.left, .right, .home, .end, .backspace, .delete])

  /// The given keys of a command. Where text is typed, a letter is text, and a key of editing edits.
  private func usable(_ command: Command, isEditing: Bool) -> [Key] {
    let given = keys[command] ?? []
    guard isEditing else { return given }
    return given.filter { key in
      if case .character = key { return false }
      return !Self.ofFields.contains(key)
    }
  }

  /// Returns the bindings of a screen with the user's keys.
  func apply(to bindings: [Binding], isEditing: Bool) -> [Binding] {
    guard !keys.isEmpty else { return bindings }
    let commands = Set(bindings.filter { !$0.keys.isEmpty }.map(\.command))
    // Of two settings with the same key, the first one has it.
    let owners = Dictionary(
      order.filter(commands.contains).flatMap { command in
        usable(command, isEditing: isEditing).map { ($0, command) }
      }, uniquingKeysWith: { first, _ in first })
    return bindings.compactMap { binding in
      var binding = binding
      guard !binding.keys.isEmpty else { return binding }
      let given = usable(binding.command, isEditing: isEditing).filter { owners[$0] == binding.command }
      let kept = given.isEmpty ? binding.keys.filter { owners[$0] == nil } : given
      guard kept != binding.keys else { return binding }
      binding.keys = kept
      binding.shown = kept.map(\.name).joined(" ")
      return kept.isEmpty ? nil : binding
    }
  }
}

/// The keys in sentences.
extension KeyMap {
  /// The keys that sentences name. They are set once, around the loop.
  @TaskLocal static var shown = KeyMap()

  /// Returns the name of the first key of an action.
  /// - Parameter usual: The key of the program, such as `n`, or `^S` and `Esc` where text is typed.
  func name(of command: Command, usual: SafeText) -> SafeText {
    usable(command, isEditing: usual.string.hasPrefix("^") || usual.string == "Esc").first?.name ?? usual
  }
}

extension SafeText.StringInterpolation {
  /// Names a key of an action in a sentence: that of the user, or else the usual one.
  mutating func appendInterpolation(key command: Command, _ usual: SafeText) {
    appendInterpolation(KeyMap.shown.name(of: command, usual: usual))
  }
}

/// The names of actions.
extension KeyMap {
  /// The names that are shorter than those of the commands.
  private static let short: [Command: String] = [
    .addExpense: "add", .addMember: "member", .remove: "delete", .submit: "save", .nextPanel: "panel",
    .toggleArchived: "other-groups", .myPhoto: "my-photo", .lastError: "error",
  ]

  /// Returns the name of an action, such as `add` or `page-down`.
  static func name(of command: Command) -> SafeText {
    if let short = short[command] { return SafeText(short) }
    return SafeText(
      command.rawValue.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined())
  }

  /// The actions by their names.
  static let commands = Dictionary(
    Command.allCases.map { (name(of: $0).string, $0) }, uniquingKeysWith: { first, _ in first })
}

extension Key {
  /// The keys with a name.
  private static let named: [(name: String, shown: SafeText, key: Key)] = [
    ("up", "↑", .up), ("down", "↓", .down), ("left", "←", .left), ("right", "→", .right),
    ("home", "Home", .home), ("end", "End", .end), ("pageup", "PgUp", .pageUp),
    ("pagedown", "PgDn", .pageDown), ("enter", "Enter", .enter), ("esc", "Esc", .escape),
    ("tab", "Tab", .tab), ("shift-tab", "Shift-Tab", .backTab), ("backspace", "Backspace", .backspace),
    ("shift-up", "Shift-↑", .shiftUp), ("shift-down", "Shift-↓", .shiftDown),
    ("shift-left", "Shift-←", .shiftLeft), ("shift-right", "Shift-→", .shiftRight),
    ("delete", "Del", .delete), ("f1", "F1", .f1), ("space", "Space", .character(" ")),
  ]
  /// Control keys that mean something else for every program: interrupt, suspend, repaint, and the bytes of other keys.
  private static let reserved: Set<Character> = ["c", "z", "l", "i", "j", "m", "h"]

  /// The name of the key in footers and help pages.
  var name: SafeText {
    if let known = Self.named.first(where: { $0.key == self }) { return known.shown }
    return switch self {
    case .character(let character): SafeText(String(character))
    case .control(let character): "^\(SafeText(character.uppercased()))"
    default: "?"
    }
  }

  /// Reads a name such as `a`, `ctrl-s` or `pagedown`; `nil` for a key that an action cannot have.
  init?(name: String) {
    let lower = name.lowercased()
    if let known = Self.named.first(where: { $0.name == lower }) {
      self = known.key
    } else if let prefix = ["ctrl-", "^"].first(where: { lower.hasPrefix($0) && lower.count == $0.count + 1 }
    ),
      let letter = lower.dropFirst(prefix.count).first, letter.isASCII, letter.isLetter
    {
      guard !Self.reserved.contains(letter) else { return nil }
      self = .control(letter)
    } else if let character = name.first, name.count == 1, !character.isWhitespace, !character.isNewline {
      self = .character(character)
    } else {
      return nil
    }
  }
}
