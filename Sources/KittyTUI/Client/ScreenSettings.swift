import KittyShared

/// The user's choices for the look and the mouse of the full screen; `ClientSettings` reads them.
struct ScreenSettings: Hashable, Sendable {
  /// A set of colours for the roles of text.
  enum ThemeName: String, CaseIterable, Sendable {
    /// The colours of the terminal itself, on its own background.
    case terminal
    case light, dark, mono
    case highContrast = "high-contrast"
  }

  /// The use of colours: as `NO_COLOR` and the terminal say, or always, or never.
  enum Colour: String, CaseIterable, Sendable { case auto, always, never }

  /// The drawing of photos: in pixels where the terminal proves that it can, always in cells, or in pixels by a protocol
  /// that the user names.
  enum Pictures: String, CaseIterable, Sendable { case auto, cells, kitty, sixel }

  var theme = ThemeName.terminal
  var pictures = Pictures.auto
  var colour = Colour.auto
  var usesMouse = true
  /// `true` for a screen reader: no boxes, no bars, nothing that moves, and the selected line says so.
  var isPlain = false
  /// `true` for a terminal that shows only ASCII.
  var isASCII = false
  /// The minutes without a key after which the full screen ends; `nil` for never.
  var idleMinutes: Int?
  /// The mark before the decimals of an amount.
  var decimalMark: Character = "."

  /// Returns `true` when colours may be used: `NO_COLOR` forbids them unless it is empty.
  func hasColour(_ environment: [String: String]) -> Bool {
    switch colour {
    case .always: true
    case .never: false
    case .auto: (environment["NO_COLOR"] ?? "").isEmpty
    }
  }
}
