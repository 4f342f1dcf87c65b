import KittyShared

/// The account of the user: its settings, and the ways to all that protects it.
struct YouScreen: Screen {
  private(set) var user: User?
  private(set) var factor: SecondFactor?
  private(set) var sessions: [OpenSession]?
  private(set) var tokens: [APIToken]?
  private(set) var keys: [SSHKey]?
  private(set) var selection = ListSelection<Line>()

  enum Line: CaseIterable {
    case name, email, confirmation, timeZone, currency, photo, password, secondFactor, sessions, tokens,
      keys, signOut, end
  }

  var title: SafeText { "You" }
  var needsData: Bool { user == nil }
  /// The account, and what is not known yet: the screens of sessions, tokens and keys read these again.
  var refresh: [Effect] {
    var effects: [Effect] = [.loadAccount]
    if factor == nil { effects.append(.you(.loadSecondFactor)) }
    if sessions == nil { effects.append(.you(.loadSessions)) }
    if tokens == nil { effects.append(.you(.loadTokens)) }
    if keys == nil { effects.append(.you(.loadKeys)) }
    return effects
  }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "change it, or look at it", .open, footer: "open"),
      Binding([.character("S")], "S", "sign out", .signOut, footer: "sign out"),
    ] + Binding.moving + Binding.leaving
  }

  /// `true` when the account has an address that no code has confirmed.
  private var isUnconfirmed: Bool { user?.email != nil && user?.emailConfirmedAt == nil }

  private var lines: [Line] { Line.allCases.filter { $0 != .confirmation || isUnconfirmed } }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    guard let user else { return [] }
    if selection.move(command, in: lines, page: max(1, context.rows.count - 1)) { return [] }
    switch command {
    case .signOut: return signOut
    case .open:
      guard let index = selection.index(in: lines) else { break }
      return open(lines[index], user, context)
    default: break
    }
    return []
  }

  private let signOut: [Action] = [.confirm("Sign out?", [.run(.signOut)])]

  private func open(_ line: Line, _ user: User, _ context: Context) -> [Action] {
    switch line {
    case .name: [.push(ProfileForm(user, at: "displayName"))]
    case .email: [.push(AddressForm(user))]
    case .confirmation: [.push(ConfirmAddressForm(user))]
    case .timeZone: [.push(ProfileForm(user, at: "timeZone"))]
    case .currency: [.push(ProfileForm(user, at: "defaultCurrency"))]
    case .photo: [.push(PhotoScreen(.me, title: "My photo", has: user.photo, hasFiles: context.hasFiles))]
    case .password: [.push(PasswordForm(hasPassword: user.hasPassword != false))]
    case .secondFactor: [.push(SecondFactorScreen(factor, hasPassword: user.hasPassword != false))]
    case .sessions: [.push(SessionsScreen())]
    case .tokens: [.push(TokensScreen())]
    case .keys: [.push(SSHKeysScreen())]
    case .signOut: signOut
    case .end: [.push(EndAccountForm(user))]
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .account(let user):
      self.user = user
      selection.update(lines)
    case .you(.secondFactor(let factor)): self.factor = factor
    case .you(.recoveryCodes), .you(.secondFactorRemoved): factor = nil
    case .you(.sessions(let sessions)): self.sessions = sessions
    case .you(.passwordChanged): sessions = nil
    case .you(.tokens(let tokens)): self.tokens = tokens
    case .you(.keys(let keys)): self.keys = keys
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let user else {
      canvas.draw("Reading your account…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let lines = lines
    let index = selection.index(in: lines) ?? 0
    let columns = ListTable.columns(in: context.width)
    let hint = Self.hint(lines[index], user).wrapped(to: max(10, columns.count - 4))
    // The explanation stands below the list; a small window has room for the list alone.
    let hasHint = rows.count >= lines.count + 1 + hint.count
    let list = rows.lowerBound..<(rows.upperBound - (hasHint ? hint.count + 1 : 0))
    let visible = selection.visible(in: lines, height: list.count)
    ListTable(
      columns: [.init(rank: 0), .init(rank: 1, least: 12, fills: true)],
      rows: lines[visible].map { line in
        let (label, value, style) = row(line, user, context)
        return [.text(label), .text(value, style)]
      }
    ).draw(into: &canvas, rows: list, columns: columns, selected: index - visible.lowerBound)
    guard hasHint else { return }
    for (offset, words) in hint.enumerated() {
      canvas.draw(words, row: list.lowerBound + lines.count + 1 + offset, column: 2, style: .muted)
    }
  }
}

/// The words of the lines.
extension YouScreen {
  private func row(
    _ line: Line, _ user: User, _ context: Context
  ) -> (label: SafeText, value: SafeText, style: Style) {
    switch line {
    case .name: ("Name", SafeText(user.displayName), .normal)
    case .email: ("Address", SafeText(user.email ?? "none"), user.email == nil ? .muted : .normal)
    case .confirmation: ("Confirm", "the address is not confirmed", .warning)
    case .timeZone:
      (
        "Time zone", SafeText(user.timeZone ?? "that of this machine"),
        user.timeZone == nil ? .muted : .normal
      )
    case .currency:
      user.defaultCurrency.map { ("Currency", "\($0.code), \($0.name)", .normal) }
        ?? ("Currency", "none", .muted)
    case .photo:
      user.photo.map { ("Photo", "\($0.width) × \($0.height) pixels", .normal) } ?? ("Photo", "none", .muted)
    case .password: ("Password", "change it", .muted)
    case .secondFactor: ("Second factor", factorWords(context), factor?.enabled == true ? .normal : .muted)
    case .sessions: ("Sessions", count(sessions, "1 session, this one", "sessions"), .normal)
    case .tokens:
      ("API tokens", count(tokens, "1 token", "tokens"), tokens?.isEmpty == false ? .normal : .muted)
    case .keys: ("Keys of ssh", count(keys, "1 key", "keys"), keys?.isEmpty == false ? .normal : .muted)
    case .signOut: ("Sign out", "on this device", .muted)
    case .end: ("End account", "for ever", .muted)
    }
  }

  private func factorWords(_ context: Context) -> SafeText {
    guard let factor else { return "…" }
    guard let since = factor.enabledAt else { return "off" }
    let codes: SafeText =
      factor.recoveryCodesLeft == 1
      ? "1 recovery code left" : "\(factor.recoveryCodesLeft) recovery codes left"
    return "on since \(context.time(of: since)), \(codes)"
  }

  private func count<Item>(_ items: [Item]?, _ one: SafeText, _ many: SafeText) -> SafeText {
    guard let items else { return "…" }
    return items.count == 1 ? one : items.isEmpty ? "none" : "\(items.count) \(many)"
  }

  private static func hint(_ line: Line, _ user: User) -> SafeText {
    switch line {
    case .name: "The name that others see. You sign in as \(user.name)."
    case .email: "Only you see it. A confirmed address gets the mail that replaces a forgotten password."
    case .confirmation: "Enter the code of the mail that was sent to the address, or ask for another mail."
    case .timeZone: "It decides which day is today."
    case .currency: "The currency that a new group has at first."
    case .photo: "The members of your groups see it. It can be replaced and taken away."
    case .password: "Changing it ends your other sessions."
    case .secondFactor: "With a second factor, signing in needs a code of your phone besides the password."
    case .sessions: "The devices on which you are signed in. Each of them can be signed out from here."
    case .tokens: "Keys for programs that act for you. Each has its rights, and can be revoked."
    case .keys: "Public keys with which you sign in without a password: kittycash login --ssh."
    case .signOut: "Ends the session of this device. Your account and your groups stay."
    case .end: "Deletes the account. You are told what that means before it happens."
    }
  }
}
