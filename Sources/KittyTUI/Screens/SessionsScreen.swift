import KittyShared

/// The sessions of the user: the devices that are signed in.
struct SessionsScreen: Screen {
  private(set) var sessions: [OpenSession]?
  private(set) var selection = ListSelection<ID>()

  var title: SafeText { "Sessions" }
  var needsData: Bool { sessions == nil }
  var refresh: [Effect] { [.you(.loadSessions)] }
  var bindings: [Binding] {
    let hasOthers = (sessions?.count ?? 0) > 1
    return [
      Binding([.character("d"), .delete], "d Del", "end the session", .remove, footer: "end"),
      Binding(
        [.character("D")], "D", "end all other sessions", .removeAll,
        footer: hasOthers ? "end all others" : ""),
    ] + Binding.moving + Binding.leaving
  }

  private var ids: [ID] { (sessions ?? []).map(\.id) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: max(1, context.rows.count - 4)) { return [] }
    switch command {
    case .remove:
      guard let sessions, let index = selection.index(in: ids) else { break }
      let session = sessions[index]
      return session.current
        ? [.confirm("This is the session that you use. Sign out?", [.run(.signOut)])]
        : [
          .confirm(
            "End the session \"\(Self.name(of: session))\", last used \(context.time(of: session.lastUsedAt))?",
            [.run(.you(.endSession(session.id)))])
        ]
    case .removeAll:
      let others = (sessions ?? []).count { !$0.current }
      guard others > 0 else { return [.toast("There is no other session.")] }
      return [
        .confirm(
          others == 1 ? "End your other session?" : "End your \(others) other sessions?",
          [.run(.you(.endOtherSessions))])
      ]
    default: break
    }
    return []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.sessions(let found)):
      sessions = found
      selection.update(ids)
    case .you(.sessionEnded(let id)):
      sessions?.removeAll { $0.id == id }
      selection.update(ids)
      return [.toast("The session has ended."), .run(.you(.loadSessions))]
    case .you(.otherSessionsEnded):
      sessions?.removeAll { !$0.current }
      selection.update(ids)
      return [.toast("All other sessions have ended."), .run(.you(.loadSessions))]
    case .failed(.you(.endSession), let failure), .failed(.you(.endOtherSessions), let failure):
      return [.toast(SafeText(failure.message("Not ended."))), .run(.you(.loadSessions))]
    default: break
    }
    return []
  }

  private static func name(of session: OpenSession) -> SafeText {
    SafeText(session.device ?? "unknown device")
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let sessions, let index = selection.index(in: ids) else {
      canvas.draw("Reading your sessions…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let session = sessions[index]
    let words: SafeText =
      "Signed in \(context.time(of: session.createdAt)), ends \(context.time(of: session.expiresAt)) unless it is ended before."
    let first = canvas.drawIntroduction(words, rows: rows, listing: sessions.count)
    let list = first..<max(first, rows.upperBound)
    let visible = selection.visible(in: ids, height: list.count)
    ListTable(
      columns: [.init(rank: 0, least: 12, fills: true), .init(rank: 1), .init(rank: 2, edge: .right)],
      rows: sessions[visible].map {
        [
          .text(Self.name(of: $0)), .text($0.current ? "this one" : "", .bold),
          .text("used \(context.time(of: $0.lastUsedAt))", .muted),
        ]
      }
    ).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: index - visible.lowerBound)
  }
}
