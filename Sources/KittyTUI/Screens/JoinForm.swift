import KittyShared

/// Joining a group with the code of an invite: first it shows what the invite is, then one joins.
struct JoinForm: EffectForm {
  var form = FormFields([.init(name: "code", label: "Code", input: TextField(limit: 200))])
  /// What the invite of this code is, once the server has said so.
  private(set) var found: Invitation?
  var pending: Effect?

  var title: SafeText { "Join" }
  var bindings: [Binding] {
    [
      Binding(
        [.enter], "Enter", found == nil ? "see what the invite is" : "join the group", .submit,
        footer: found == nil ? "look" : "join"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    let before = form["code"]
    guard form.edit(key) else { return false }
    // What was shown is about another code.
    if form["code"] != before { found = nil }
    return true
  }

  func effect() throws(Rejection) -> Effect {
    // A code that was copied from a narrow window has a line end in it.
    let code = try InviteCode(code: form["code"].filter { !$0.isWhitespace }).checked()
    return found == nil ? .lookUpInvite(code) : .acceptInvite(code)
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .invitation(let code, let invitation) where pending == .lookUpInvite(code):
      pending = nil
      found = invitation
    case .joined(let group) where pending != nil:
      return [.pop, .push(GroupScreen(group)), .toast(context.said(group.name, "is your group too now."))]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      guard case .problem(let problem) = failure, problem.errors == nil else {
        form.show(failure, found == nil ? "" : "Not joined.")
        break
      }
      // What the server says of a code belongs beside it, and what was shown may have ended.
      found = nil
      form.clearErrors()
      form.fields[0].error = SafeText(problem.detail)
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = form.view(into: &canvas, row: rows.lowerBound, width: context.width) + 1
    func say(_ text: SafeText, _ style: Style = .normal) {
      for line in text.wrapped(to: max(10, context.width - 4)) where row < rows.upperBound {
        canvas.draw(line, row: row, column: 2, width: context.width - 2, style: style)
        row += 1
      }
    }
    guard let found else {
      say("Paste the code that you were given. You see whose group it is before you join.", .muted)
      return
    }
    let people: SafeText = found.memberCount == 1 ? "1 member" : "\(found.memberCount) members"
    say(SafeText(found.group), .bold)
    say("\(people). \(found.invitedBy) invites you, until \(found.expiresAt.day).")
    if let guest = found.guest { say("You become \(guest), with all that is in that name.") }
    say("As \(found.role.withArticle) you \(found.role.meaning).")
    row += 1
    say("Enter joins.", .muted)
  }
}

extension Member.Role {
  /// Such as "an admin".
  var withArticle: SafeText { self == .owner || self == .admin ? "an \(rawValue)" : "a \(rawValue)" }

  /// What somebody with it does, after "you".
  var meaning: SafeText {
    switch self {
    case .owner: "do everything"
    case .admin: "run the group, with its members and invites"
    case .member: "enter what is paid"
    case .viewer: "see everything and enter nothing"
    case .guest: "take part without an account"
    }
  }
}
