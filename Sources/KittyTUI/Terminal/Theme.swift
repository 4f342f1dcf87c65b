/// The looks of the roles of text. A role's meaning never depends on its colour.
struct Theme: Hashable, Sendable {
  struct Look: Hashable, Sendable {
    var foreground: Int16 = -1
    var background: Int16 = -1
    var isBold = false
    var isUnderlined = false
    var isReverse = false
    var isDim = false
  }

  /// The colours of the screen; -1 for those of the terminal.
  let normal: Look
  private let looks: [Style: Look]

  /// - Parameter colours: The number of colours of the terminal. With too few for a theme, the terminal's own are used.
  init(_ name: ScreenSettings.ThemeName, colours: Int) {
    let hasOwn = colours >= 256
    switch name {
    case .light where hasOwn: self = .light
    case .dark where hasOwn: self = .dark
    case .highContrast where hasOwn: self = .highContrast
    case .mono: self = .mono
    case _ where colours >= 16: self = .terminal
    case _ where colours >= 8: self = .terminal8
    default: self = .mono
    }
  }

  private init(normal: Look, _ looks: [Style: Look]) {
    self.normal = normal
    // A role without colours of its own has those of the screen.
    self.looks = looks.mapValues { look in
      var look = look
      if look.foreground < 0 { look.foreground = normal.foreground }
      if look.background < 0 { look.background = normal.background }
      return look
    }
  }

  func look(_ style: Style) -> Look {
    if case .picture(let foreground, let background) = style {
      return Look(foreground: foreground, background: background < 0 ? normal.background : background)
    }
    return looks[style] ?? normal
  }

  /// All roles of text.
  static let roles: [Style] = [
    .normal, .bold, .muted, .title, .selected, .positive, .negative, .warning, .error, .key, .field,
    .disabled,
  ]

  /// Attributes alone.
  static let mono = Theme(normal: Look(), attributes)

  private static let attributes: [Style: Look] = [
    .bold: Look(isBold: true), .title: Look(isBold: true), .selected: Look(isReverse: true),
    .warning: Look(isBold: true), .error: Look(isBold: true), .key: Look(isBold: true),
    .field: Look(isUnderlined: true), .disabled: Look(isDim: true),
  ]

  /// The first eight colours. Of these only red and magenta can be read on black and on white; grey, green, yellow and
  /// cyan vanish on one of them.
  private static let terminal8 = Theme(
    normal: Look(),
    attributes.merging([
      .negative: Look(foreground: 1), .error: Look(foreground: 1, isBold: true),
      .warning: Look(foreground: 5, isBold: true), .positive: Look(isBold: true),
    ]) { $1 })

  /// The terminal's own sixteen colours on its own background, which may be black or white: red, magenta and bright
  /// blue can be read on both. Red and blue are different for colour-blind users too.
  private static let terminal = Theme(
    normal: Look(),
    attributes.merging([
      .negative: Look(foreground: 1), .error: Look(foreground: 1, isBold: true),
      .warning: Look(foreground: 5, isBold: true), .positive: Look(foreground: 12),
    ]) { $1 })

  // Colours from 16 on are the same on all terminals.
  private static let dark = Theme(
    normal: Look(foreground: 252, background: 234),
    [
      .bold: Look(foreground: 255, isBold: true), .title: Look(foreground: 255, isBold: true),
      .muted: Look(foreground: 248), .disabled: Look(foreground: 248),
      .selected: Look(foreground: 231, background: 24),
      .positive: Look(foreground: 114), .negative: Look(foreground: 210),
      .warning: Look(foreground: 222, isBold: true), .error: Look(foreground: 210, isBold: true),
      .key: Look(foreground: 117, isBold: true),
      .field: Look(foreground: 255, background: 237, isUnderlined: true),
    ])

  private static let light = Theme(
    normal: Look(foreground: 235, background: 231),
    [
      .bold: Look(foreground: 16, isBold: true), .title: Look(foreground: 16, isBold: true),
      .muted: Look(foreground: 240), .disabled: Look(foreground: 240),
      .selected: Look(foreground: 231, background: 25),
      .positive: Look(foreground: 22), .negative: Look(foreground: 124),
      .warning: Look(foreground: 94, isBold: true), .error: Look(foreground: 124, isBold: true),
      .key: Look(foreground: 25, isBold: true),
      .field: Look(foreground: 16, background: 254, isUnderlined: true),
    ])

  private static let highContrast = Theme(
    normal: Look(foreground: 231, background: 16),
    [
      .bold: Look(isBold: true), .title: Look(isBold: true, isUnderlined: true),
      .selected: Look(foreground: 16, background: 226), .positive: Look(foreground: 120),
      .negative: Look(foreground: 217), .warning: Look(foreground: 226, isBold: true),
      .error: Look(foreground: 217, isBold: true, isUnderlined: true),
      .key: Look(foreground: 51, isBold: true),
      .field: Look(isUnderlined: true),
    ])
}
