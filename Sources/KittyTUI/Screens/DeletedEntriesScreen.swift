import KittyShared

/// The deleted entries of a group, to read them and to restore them. The server lists them among all entries, so the pages
/// are read one after the other.
struct DeletedEntriesScreen: Screen {
  private var data: GroupData
  private(set) var entries: [Entry] = []
  private(set) var selection = ListSelection<ID>()
  /// The cursor of the next page to read.
  private var next: String?
  /// The number of pages that were read.
  private var pages = 0

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Deleted entries" }
  var needsData: Bool { pages == 0 }
  /// The next page. After the last one there is nothing to read again: what was restored here is taken out.
  var refresh: [Effect] { isComplete ? [] : [.loadDeletedEntries(group: data.group.id, after: next)] }
  private var isComplete: Bool { pages > 0 && next == nil }
  private var ids: [ID] { entries.map(\.id) }
  private var selected: Entry? { selection.index(in: ids).map { entries[$0] } }

  var bindings: [Binding] {
    let isEmpty = entries.isEmpty
    return [
      Binding([.character("u")], "u", "restore the entry", .undo, footer: isEmpty ? "" : "restore")
        .asking(data.group, for: selected.map { .restore($0) }),
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "the entry: shares, history, comments", .open,
        footer: isEmpty ? "" : "open"),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let list = list(context.rows)
    let table = EntryTable(data, today: context.today, width: context.width, rows: list.count)
    if selection.move(command, in: ids, page: list.count / table.lines - 1) { return [] }
    guard let entry = selected else {
      return [.open, .undo].contains(command) ? [.toast("There is no deleted entry here.")] : []
    }
    switch command {
    case .open: return [.push(EntryScreen(data, entry))]
    case .undo: return [.run(.restoreEntry(group: data.group.id, entry: entry.id))]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .deletedEntries(data.group.id, let after, let found, let next)
    where after == self.next && !isComplete:
      pages += 1
      self.next = next
      let known = Set(ids)
      entries += found.filter { !known.contains($0.id) }
      selection.update(ids)
      return refresh.map { .run($0) }
    case .group(let found) where found.group.id == data.group.id: data = found
    case .entryRestored(let id):
      guard let entry = entries.first(where: { $0.id == id }) else { break }
      entries.removeAll { $0.id == id }
      selection.update(ids)
      let words = SafeText(entry.description).fitted(to: 40)
      return [.toast("#\(entry.number) \"\(words)\", \(EntryTable.sum(of: entry)), is in the books again.")]
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let words: SafeText =
      !isComplete
      ? "Looking for deleted entries, further and further back…"
      : entries.isEmpty
        ? "No entry of this group is deleted." : "These do not count in the balances."
    canvas.draw(words, row: rows.lowerBound, column: 2, width: context.width - 2, style: .muted)
    let list = list(rows)
    let table = EntryTable(data, today: context.today, width: context.width, rows: list.count)
    let visible = selection.visible(in: ids, height: list.count / table.lines)
    table.table(entries[visible]).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: selection.index(in: ids).map { $0 - visible.lowerBound })
  }

  private func list(_ rows: Range<Int>) -> Range<Int> {
    min(rows.upperBound, rows.lowerBound + 2)..<rows.upperBound
  }
}
