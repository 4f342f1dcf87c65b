/// The pictures of the terminal, in pixels: used only where the terminal itself proves that it draws them.
struct PictureSupport: Sendable {
  /// The ways to draw them.
  enum Method: Hashable, Sendable { case kitty, sixel }

  private(set) var method: Method?
  private var waitsUntil: ContinuousClock.Instant?

  /// The time in which the answer must come. A later one belongs to no question.
  private static let patience: Duration = .seconds(2)

  /// Returns the question to the terminal; empty where none may be asked. Within tmux and screen, and for a guest of a
  /// forced command, pictures stay cells. A protocol that the user names is used without a question.
  /// - Parameter knowsCell: `true` when the size of a cell is known, which sixels need.
  mutating func question(
    _ settings: ScreenSettings, _ environment: [String: String], knowsCell: Bool,
    at now: ContinuousClock.Instant
  ) -> [UInt8] {
    guard !settings.isPlain, !settings.isASCII, settings.hasColour(environment), Self.mayAsk(environment)
    else { return [] }
    switch settings.pictures {
    case .auto: break
    case .cells: return []
    case .kitty:
      method = .kitty
      return []
    case .sixel:
      method = knowsCell ? .sixel : nil
      return []
    }
    waitsUntil = now + Self.patience
    // One pixel that is not shown, for a terminal whose name says that it knows the question; others may print it. Then the
    // device attributes, which every terminal answers: so the first answer is known to be missing.
    let kitty = Self.isNamedForKitty(environment) ? "\u{1b}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1b}\\" : ""
    return Array("\(kitty)\u{1b}[c".utf8)
  }

  private static func mayAsk(_ environment: [String: String]) -> Bool {
    func has(_ name: String) -> Bool { environment[name]?.isEmpty == false }
    let type = environment["TERM"] ?? ""
    let isWithin = ["tmux", "screen"].contains { type.hasPrefix($0) } || has("TMUX") || has("STY")
    // Over ssh the shell of a session is set, while a forced command runs the client alone.
    return !isWithin && !has("SSH_ORIGINAL_COMMAND") && !["linux", "vt100", "dumb"].contains(type)
  }

  private static func isNamedForKitty(_ environment: [String: String]) -> Bool {
    let names = [environment["TERM"] ?? "", environment["TERM_PROGRAM"] ?? ""].map { $0.lowercased() }
    return names.contains { name in ["kitty", "ghostty", "wezterm"].contains { name.contains($0) } }
      || environment["KITTY_WINDOW_ID"]?.isEmpty == false
  }

  /// Takes an answer of the terminal.
  /// - Parameter knowsCell: `true` when the size of a cell is known, which sixels need.
  /// - Returns: `true` when the terminal draws pictures since now.
  mutating func take(
    _ reply: TerminalReply, knowsCell: Bool, at now: ContinuousClock.Instant
  ) -> Bool {
    guard let end = waitsUntil, now <= end, method == nil else { return false }
    switch reply {
    case .kitty: method = .kitty
    case .attributes(let attributes):
      waitsUntil = nil
      // The number of sixel graphics among the attributes.
      if attributes.contains(4), knowsCell { method = .sixel }
    }
    return method != nil
  }
}

/// An answer of the terminal to a question of the client.
enum TerminalReply: Hashable, Sendable {
  /// It draws pictures by the protocol of kitty.
  case kitty
  /// Its primary device attributes.
  case attributes([Int])

  /// Reads the text between the introducer of a sequence and its end.
  init?(_ introducer: UInt8, _ text: String) {
    switch introducer {
    case UInt8(ascii: "_"):
      guard text.hasPrefix("Gi=31"), text.hasSuffix(";OK") else { return nil }
      self = .kitty
    case UInt8(ascii: "["):
      guard text.hasPrefix("[?"), text.hasSuffix("c") else { return nil }
      self = .attributes(text.dropFirst(2).dropLast().split(separator: ";").compactMap { Int($0) })
    default: return nil
    }
  }
}
