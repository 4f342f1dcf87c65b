import ArgumentParser

/// The flags of the full screen. Without one, the environment and the user's `config.toml` count.
struct SettingsOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Use clicks and the wheel of the mouse. ($KITTYCASH_MOUSE)")
  var mouse: Bool?
  @Option(help: "The colours: terminal, light, dark, mono or high-contrast. ($KITTYCASH_THEME)")
  var theme: ClientSettings.Theme?
  @Flag(
    inversion: .prefixedNo,
    help: "Draw no frames and bars, for a program that reads the screen aloud. ($KITTYCASH_PLAIN)")
  var plain: Bool?
  @Option(help: "The decimal mark of amounts: locale, point or comma. ($KITTYCASH_DECIMAL_MARK)")
  var decimalMark: ClientSettings.DecimalMark?
  @Flag(
    inversion: .prefixedNo,
    help: "Note requests and their answers, without their content, in a log. ($KITTYCASH_DEBUG)")
  var debug: Bool?

  var flags: ClientSettings.Flags {
    ClientSettings.Flags(
      usesMouse: mouse, theme: theme, isPlain: plain, decimalMark: decimalMark, isDebugging: debug)
  }
}

extension ClientSettings.Theme: ExpressibleByArgument {}
extension ClientSettings.DecimalMark: ExpressibleByArgument {}
