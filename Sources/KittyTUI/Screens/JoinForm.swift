import KittyShared

/// A form to join a group with the code of an invite. It shows the details of the invite before the user joins.
struct JoinForm: EffectForm {
  var form = FormFields([.init(name: "code", label: "Code", input: TextField(limit: 200))])
  /// The details of the invite, once they are loaded.
  private(set) var found: Invitation?
  var pending: Effect?

  var title: SafeText { "Join" }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .control("s")], "Enter ^S", found == nil ? "show the invite" : "join the group", .submit,
        footer: found == nil ? "show" : "join"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    let before = form["code"]
    guard form.edit(key) else { return false }
    // The shown details belong to another code.
    if form["code"] != before { found = nil }
    return true
  }

  func effect() throws(Rejection) -> Effect {
    // A code copied from a narrow window contains a line end.
    let code = try InviteCode(code: form["code"].filter { !$0.isWhitespace }).checked()
    return found == nil ? .lookUpInvite(code) : .acceptInvite(code)
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .invitation(let code, let invitation) where pending == .lookUpInvite(code):
      pending = nil
      found = invitation
    case .joined(let group) where pending != nil:
      return [
        .pop, .push(GroupScreen(group)), .toast(context.sentence(group.name, "is now one of your groups.")),
      ]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      guard case .problem(let problem) = failure, problem.errors == nil else {
        if found == nil {
          form.show(failure)
        } else {
          form.show(
            failure, "Not joined.", again: "\(key: .submit, "^S") again is safe: you cannot join twice.")
        }
        break
      }
      // An error about the code is shown beside it. The shown invite may have expired.
      found = nil
      form.clearErrors()
      form.fields[0].error = SafeText(problem.words)
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
      say("Paste the code of your invite. You see the group before you join.", .muted)
      return
    }
    let people: SafeText = found.memberCount == 1 ? "1 member" : "\(found.memberCount) members"
    say(SafeText(found.group), .bold)
    say("\(people). \(found.invitedBy) invites you, until \(found.expiresAt.day).")
    if let guest = found.guest { say("You become \(guest) and take over the entries of \(guest).") }
    say("As \(found.role.withArticle) you can \(found.role.meaning).")
    row += 1
    say("Press \(key: .submit, "Enter") to join.", .muted)
  }
}

extension Member.Role {
  /// The role with its article, such as "an admin".
  var withArticle: SafeText {
    self == .owner ? "the owner" : self == .admin ? "an admin" : "a \(rawValue)"
  }

  /// The rights of the role, after "can".
  var meaning: SafeText {
    switch self {
    case .owner: "do everything"
    case .admin: "manage the group, its members and invites"
    case .member: "add and change entries"
    case .viewer: "see everything but change nothing"
    case .guest: "take part without an account"
    }
  }
}
