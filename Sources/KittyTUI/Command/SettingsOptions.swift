import ArgumentParser

/// The flags of the full screen. Without one, the environment and the user's `config.toml` count.
struct SettingsOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Use clicks and the wheel of the mouse. ($KITTYCASH_MOUSE)")
  var mouse: Bool?
  @Option(help: "The colours: terminal, light, dark, mono or high-contrast. ($KITTYCASH_THEME)")
  var theme: ScreenSettings.ThemeName?
  @Option(
    help: "Colours at all: auto, which means unless $NO_COLOR is set, always or never. ($KITTYCASH_COLOR)")
  var color: ScreenSettings.Colour?
  @Flag(
    inversion: .prefixedNo,
    help: "Draw no frames and bars, for a program that reads the screen aloud. ($KITTYCASH_ACCESSIBLE)")
  var accessible: Bool?
  @Flag(inversion: .prefixedNo, help: "Draw letters and lines of ASCII alone. ($KITTYCASH_ASCII)")
  var ascii: Bool?
  @Option(
    help:
      "Photos: auto, in pixels where the terminal draws them; cells; or in pixels by kitty or sixel. ($KITTYCASH_PICTURES)"
  )
  var pictures: ScreenSettings.Pictures?
  @Option(help: "The decimal mark of amounts: locale, point or comma. ($KITTYCASH_DECIMAL_MARK)")
  var decimalMark: ClientSettings.MarkChoice?
  @Option(
    help: ArgumentHelp(
      "End after so many minutes without a key, 1 to 1440; drafts are kept. ($KITTYCASH_IDLE_MINUTES)",
      valueName: "minutes"))
  var idleMinutes: Int?
  @Flag(
    inversion: .prefixedNo,
    help: "Note requests and their answers, without their content, in a log. ($KITTYCASH_DEBUG)")
  var debug: Bool?

  func validate() throws {
    if let idleMinutes, !(1...1440).contains(idleMinutes) {
      throw ValidationError("--idle-minutes is from 1 to 1440.")
    }
  }

  /// - Parameter ca: The file of the trusted authorities, which is an option of every command.
  func flags(ca: String?) -> ClientSettings.Flags {
    ClientSettings.Flags(
      usesMouse: mouse, theme: theme, colour: color, isPlain: accessible, isASCII: ascii,
      pictures: pictures, decimalMark: decimalMark, idleMinutes: idleMinutes, isDebugging: debug, ca: ca)
  }
}

extension ScreenSettings.ThemeName: ExpressibleByArgument {}
extension ScreenSettings.Pictures: ExpressibleByArgument {}
extension ScreenSettings.Colour: ExpressibleByArgument {}
extension ClientSettings.MarkChoice: ExpressibleByArgument {}
