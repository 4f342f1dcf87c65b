import KittyShared

/// The public keys of ssh with which the user signs in.
struct SSHKeysScreen: Screen {
  private(set) var keys: [SSHKey]?
  private(set) var selection = ListSelection<ID>()

  var title: SafeText { "Keys of ssh" }
  var needsData: Bool { keys == nil }
  var refresh: [Effect] { [.you(.loadKeys)] }
  var bindings: [Binding] {
    [
      Binding([.character("n")], "n", "add a key", .another, footer: "add"),
      Binding(
        [.character("d"), .delete], "d Del", "remove the key", .remove,
        footer: keys?.isEmpty == false ? "remove" : ""),
    ] + Binding.moving + Binding.leaving
  }

  private var ids: [ID] { (keys ?? []).map(\.id) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: max(1, context.rows.count - 4)) { return [] }
    switch command {
    case .another: return [.push(SSHKeyForm(id: context.newID()))]
    case .remove:
      guard let keys, let index = selection.index(in: ids) else {
        return [.toast("There is no key. \(key: .another, "n") adds one.")]
      }
      let key = keys[index]
      return [
        .confirm(
          "Remove the key \"\(key.name)\"? The sessions that it began end.", [.run(.you(.removeKey(key.id)))])
      ]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.keys(let found)):
      keys = found
      selection.update(ids)
    case .you(.keyAdded(let key)):
      keys = [key] + (keys ?? []).filter { $0.id != key.id }
      selection.select(key.id, in: ids)
    case .you(.keyRemoved(let id)):
      keys?.removeAll { $0.id == id }
      selection.update(ids)
      return [.toast("The key is removed."), .run(.you(.loadKeys))]
    case .failed(.you(.removeKey), let failure):
      return [.toast(SafeText(failure.message("Not removed."))), .run(.you(.loadKeys))]
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let keys else {
      canvas.draw("Reading your keys…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let words: SafeText =
      keys.isEmpty
      ? "There are no keys. Press \(key: .another, "n") to add the public key with which you use ssh."
      : "Each of them signs you in, without the password: kittycash login --ssh."
    let first = canvas.drawIntroduction(words, rows: rows, listing: keys.count)
    guard let index = selection.index(in: ids) else {
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let list = first..<max(first, rows.upperBound)
    let visible = selection.visible(in: ids, height: list.count)
    ListTable(
      columns: [
        .init(rank: 0, least: 10, fills: true), .init(rank: 2, least: 8, most: 20),
        .init(rank: 3, least: 20, most: 50), .init(rank: 1, edge: .right),
      ],
      rows: keys[visible].map { key in
        [
          .text(SafeText(key.name)), .text(SafeText(key.type), .muted),
          .text(SafeText(key.fingerprint), .muted),
          .text(key.lastUsedAt.map { "used \(context.time(of: $0))" } ?? "never used", .muted),
        ]
      }
    ).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: index - visible.lowerBound)
  }
}
