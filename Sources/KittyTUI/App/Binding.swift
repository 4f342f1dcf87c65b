/// A row of a screen's key table. Key handling, footer and help page all use it.
struct Binding: Sendable {
  var keys: [Key]
  /// The names of the keys on the screen.
  var shown: SafeText
  let help: SafeText
  let command: Command
  /// The text in the footer; empty leaves the binding out of the footer.
  let footer: SafeText
  /// The reason why the command is not possible at present; `nil` when it is. Such a binding is greyed, and its key shows
  /// the reason.
  var refusal: SafeText?

  init(_ keys: [Key], _ shown: SafeText, _ help: SafeText, _ command: Command, footer: SafeText = "") {
    self.keys = keys
    self.shown = shown
    self.help = help
    self.command = command
    self.footer = footer
  }

  /// Moving in a list, the same on all screens.
  static let moving: [Binding] = [
    Binding([.down, .character("j")], "↓ j", "next line", .down),
    Binding([.up, .character("k")], "↑ k", "previous line", .up),
    Binding([.pageDown, .control("d")], "PgDn ^D", "page down", .pageDown),
    Binding([.pageUp, .control("u")], "PgUp ^U", "page up", .pageUp),
    Binding([.character("g"), .home], "g Home", "first line", .top),
    Binding([.character("G"), .end], "G End", "last line", .bottom),
  ]
  /// The palette, the same on every screen. In a text field only the second key opens it.
  static let going = Binding(
    [.character(":"), .control("p")], ": ^P", "go anywhere: groups, people, #318, commands", .palette)
  /// The keys that every screen has, also one with a text field.
  static let everywhere: [Binding] = [going, helping, lastError]
  /// The last failure, on every screen.
  static let lastError = Binding(
    [.control("y")], "^Y", "the last error with the id of its request; again: all messages", .lastError)
  /// Leaving and help, the same on every screen without a text field.
  static let leaving: [Binding] = [
    Binding([.character("r")], "r", "refresh now", .refresh),
    going,
    Binding([.character("?"), .f1], "? F1", "this help", .help, footer: "help"),
    lastError,
    Binding([.escape, .left, .character("h")], "Esc ← h", "back", .back),
    Binding([.character("q")], "q", "back", .quit, footer: "back"),
  ]
  /// The same on the first screen, where leaving ends the program.
  static let leavingProgram: [Binding] =
    leaving.filter { [.refresh, .help, .palette, .lastError].contains($0.command) } + [
      Binding([.character("q")], "q", "quit", .quit, footer: "quit")
    ]
  /// The mouse, on every screen.
  static let mouse = Binding([.f12], "F12", "the mouse on or off; off, it selects text", .help)
  /// The search in the help.
  static let searching = Binding([.character("/")], "/", "search in the keys", .filter)
  /// Help on a screen with a text field.
  static let helping = Binding([.f1], "F1", "this help", .help, footer: "help")
}
