import KittyShared

/// One API token: its rights, and its last use.
struct TokenScreen: Screen {
  private(set) var token: APIToken
  private var groups: [Group]?
  /// The reason why the token cannot be read.
  private var refusal: SafeText = ""

  init(_ token: APIToken, groups: [Group]?) {
    self.token = token
    self.groups = groups
  }

  var title: SafeText { SafeText(token.name) }
  var refresh: [Effect] { [.you(.loadToken(token.id))] }
  var bindings: [Binding] {
    [Binding([.character("d"), .delete], "d Del", "revoke the token", .remove, footer: "revoke")]
      + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    command == .remove ? [.confirm(token.question, [.run(.you(.revokeToken(token.id)))])] : []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.token(let token)) where token.id == self.token.id:
      self.token = token
      refusal = ""
    case .you(.groups(let groups)): self.groups = groups
    case .you(.tokenRevoked(token.id)): return [.pop, .toast("The token is revoked.")]
    case .failed(.you(.loadToken(token.id)), .problem(let problem)): refusal = SafeText(problem.detail)
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = rows.lowerBound
    canvas.placeCursor(row: row, column: 0)
    let never: SafeText = "never"
    let lines: [(SafeText, SafeText)] = [
      ("Name", SafeText(token.name)), ("Rights", token.rights), ("Groups", token.groupName(groups)),
      ("Made", context.time(of: token.createdAt)),
      ("Last used", token.lastUsedAt.map { context.time(of: $0) } ?? never),
      ("Ends", token.expiresAt.map { context.time(of: $0) } ?? never),
    ]
    for line in refusal.wrapped(to: max(10, context.width - 4)) where !refusal.string.isEmpty {
      canvas.draw(line, row: row, column: 2, style: .warning)
      row += 1
    }
    for (label, value) in lines {
      canvas.draw(label, row: row, column: 2, style: .bold)
      canvas.draw(value, row: row, column: 13, width: context.width - 14)
      row += 1
    }
  }
}
