import KittyShared

/// The state of the second factor, and the ways to turn it on and off.
struct SecondFactorScreen: Screen {
  private(set) var factor: SecondFactor?

  /// `false` for an account that signs in with keys only: then no password is asked for.
  private let hasPassword: Bool
  private var isBeginning = false

  init(_ factor: SecondFactor?, hasPassword: Bool = true) {
    self.factor = factor
    self.hasPassword = hasPassword
  }

  var title: SafeText { "Second factor" }
  var needsData: Bool { factor == nil }
  var refresh: [Effect] { [.you(.loadSecondFactor)] }
  var bindings: [Binding] {
    let keys: [Binding] =
      switch factor?.enabled {
      case true?:
        [
          Binding([.character("n")], "n", "new recovery codes", .another, footer: "new codes"),
          Binding([.character("d"), .delete], "d Del", "turn it off", .remove, footer: "turn off"),
        ]
      case false?: [Binding([.enter], "Enter", "turn it on", .open, footer: "turn on")]
      case nil: []
      }
    return keys + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .open where hasPassword: return [.push(SecondFactorBeginForm())]
    case .open:
      isBeginning = true
      return [.run(.you(.beginSecondFactor(NewSecondFactor())))]
    case .another: return [.push(SecondFactorRemovalForm(isReplacing: true, hasPassword: hasPassword))]
    case .remove: return [.push(SecondFactorRemovalForm(isReplacing: false, hasPassword: hasPassword))]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.secondFactor(let factor)): self.factor = factor
    case .you(.secondFactorRemoved): factor = SecondFactor(enabledAt: nil, recoveryCodesLeft: 0)
    case .you(.recoveryCodes): factor = nil
    case .you(.begun(let secret)) where isBeginning:
      isBeginning = false
      return [.push(SecondFactorForm(secret))]
    case .failed(.you(.beginSecondFactor), let failure) where isBeginning:
      isBeginning = false
      return [.toast(SafeText(failure.message("Nothing is changed.")))]
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = rows.lowerBound
    canvas.placeCursor(row: row, column: 0)
    func say(_ text: SafeText, _ style: Style = .normal) {
      for line in text.wrapped(to: max(10, min(context.width, ListTable.widest) - 4)) {
        canvas.draw(line, row: row, column: 2, style: style)
        row += 1
      }
    }
    guard let factor else { return say("Reading…", .muted) }
    guard let since = factor.enabledAt else {
      say("The second factor is off.", .bold)
      say(
        "When it is on, signing in needs a code from an authenticator app on your phone besides the password. Press \(key: .open, "Enter") to turn it on."
      )
      return
    }
    say("The second factor is on since \(context.time(of: since)).", .bold)
    switch factor.recoveryCodesLeft {
    case 0:
      say(
        "No recovery code is left. Without your phone you could not sign in: \(key: .another, "n") makes new ones.",
        .warning)
    case 1: say("1 recovery code is left, for the day when you do not have your phone.")
    default:
      say("\(factor.recoveryCodesLeft) recovery codes are left, for the day when you do not have your phone.")
    }
    row += 1
    say(
      "\(key: .another, "n") turns it off and on again: that makes new recovery codes, and a new entry in your app.",
      .muted)
  }
}
