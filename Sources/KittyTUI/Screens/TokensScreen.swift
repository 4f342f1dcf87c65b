import KittyShared

/// The API tokens of the user.
struct TokensScreen: Screen {
  private(set) var tokens: [APIToken]?
  private(set) var selection = ListSelection<ID>()
  /// The groups in use, for their names.
  private var groups: [Group]?

  var title: SafeText { "API tokens" }
  var needsData: Bool { tokens == nil }
  var refresh: [Effect] { [.you(.loadTokens)] + (groups == nil ? [.you(.loadGroups)] : []) }
  var bindings: [Binding] {
    let hasTokens = tokens?.isEmpty == false
    return [
      Binding([.character("n")], "n", "new token", .another, footer: "new"),
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "look at the token", .open,
        footer: hasTokens ? "open" : ""),
      Binding(
        [.character("d"), .delete], "d Del", "revoke the token", .remove, footer: hasTokens ? "revoke" : ""),
      Binding(
        [.character("D")], "D", "revoke all tokens", .removeAll, footer: hasTokens ? "revoke all" : ""),
    ] + Binding.moving + Binding.leaving
  }

  private var ids: [ID] { (tokens ?? []).map(\.id) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: max(1, context.rows.count - 4)) { return [] }
    if command == .another {
      return [.push(TokenForm(id: context.newID(), groups: groups, today: context.today))]
    }
    guard let tokens, let index = selection.index(in: ids) else {
      return [.open, .remove, .removeAll].contains(command)
        ? [.toast("There is no token. \(key: .another, "n") makes one.")] : []
    }
    let token = tokens[index]
    switch command {
    case .open: return [.push(TokenScreen(token, groups: groups))]
    case .remove: return [.confirm(token.question, [.run(.you(.revokeToken(token.id)))])]
    case .removeAll:
      return [
        .confirm(
          tokens.count == 1
            ? token.question : "Revoke all \(tokens.count) tokens? Programs that use them stop working.",
          [.run(.you(.revokeTokens))])
      ]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.tokens(let found)):
      tokens = found
      selection.update(ids)
    case .you(.groups(let found)): groups = found
    case .you(.tokenMade(let token)):
      tokens = [token] + (tokens ?? []).filter { $0.id != token.id }
      selection.select(token.id, in: ids)
    case .you(.tokenRevoked(let id)):
      tokens?.removeAll { $0.id == id }
      selection.update(ids)
      return [.toast("The token is revoked."), .run(.you(.loadTokens))]
    case .you(.tokensRevoked):
      tokens = []
      selection.update(ids)
      return [.toast("All tokens are revoked."), .run(.you(.loadTokens))]
    case .failed(.you(.revokeToken), let failure), .failed(.you(.revokeTokens), let failure):
      return [.toast(SafeText(failure.message("Not revoked."))), .run(.you(.loadTokens))]
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let tokens else {
      canvas.draw("Reading your tokens…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let words: SafeText =
      tokens.isEmpty
      ? "There are no tokens. Press \(key: .another, "n") to make one: a key for a program that acts for you."
      : "Keys for programs that act for you."
    let first = canvas.drawIntroduction(words, rows: rows, listing: tokens.count)
    guard let index = selection.index(in: ids) else {
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let list = first..<max(first, rows.upperBound)
    let visible = selection.visible(in: ids, height: list.count)
    ListTable(
      columns: [
        .init(rank: 0, least: 10, fills: true), .init(rank: 1), .init(rank: 2, least: 8, most: 24),
        .init(rank: 3, edge: .right),
      ],
      rows: tokens[visible].map { token in
        [
          .text(SafeText(token.name)), .text(token.rights),
          .text(token.groupName(groups), .muted),
          .text(token.lastUsedAt.map { "used \(context.time(of: $0))" } ?? "never used", .muted),
        ]
      }
    ).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: index - visible.lowerBound)
  }
}

extension APIToken {
  /// The rights in words.
  var rights: SafeText {
    scopes.sorted { $0.rawValue < $1.rawValue }.map { SafeText($0.rawValue) }.joined(", ")
  }

  /// The group that the token is limited to, in words.
  func groupName(_ groups: [Group]?) -> SafeText {
    guard let group else { return "all groups" }
    return groups?.first { $0.id == group }.map { SafeText($0.name) } ?? "one group"
  }

  /// The question before the token is revoked.
  var question: SafeText { "Revoke the token \"\(name)\"? A program that uses it stops working." }
}
