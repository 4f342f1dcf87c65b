/// The type of the terminal, by which ncurses drives it.
enum TerminalType: Int32, CaseIterable, Sendable {
  /// That of `$TERM`.
  case named = 0
  /// The substitutes for a type that this machine does not know, the best first. Newer terminals understand them, and over
  /// ssh their own types are often missing.
  case xterm256 = 1
  case xterm = 2

  enum Support: Sendable { case usable, unknown, linesOnly }

  /// Returns the type to use.
  /// - Parameters:
  ///   - name: The value of `$TERM`.
  ///   - support: Looks a type up.
  /// - Throws: `Terminal.Unusable` for a terminal without a cursor that can be placed, and without any known type.
  static func choose(
    _ name: String?, _ support: (TerminalType) -> Support
  ) throws(Terminal.Unusable) -> TerminalType {
    let name = name ?? ""
    guard !name.isEmpty, name != "dumb" else { throw showsLinesOnly(name) }
    for type in allCases {
      switch support(type) {
      case .usable: return type
      case .linesOnly where type == .named: throw showsLinesOnly(name)
      case .linesOnly, .unknown: break
      }
    }
    throw Terminal.Unusable(
      description:
        "This machine knows neither the terminal type \(SafeText(name)) nor xterm. Install its terminfo (the package ncurses-base), or use the commands: kittycash --help."
    )
  }

  private static func showsLinesOnly(_ name: String) -> Terminal.Unusable {
    Terminal.Unusable(
      description:
        "This terminal (TERM=\(name.isEmpty ? "not set" : SafeText(name).string)) shows lines only, and the full screen needs one that can place its cursor. Use the commands: kittycash --help."
    )
  }
}
