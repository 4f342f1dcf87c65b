import KittyShared

/// The imports of a group, each of which can be undone.
struct ImportsScreen: Screen {
  private(set) var data: GroupData
  /// The imports, the latest first; `nil` until they are read.
  private(set) var imports: [ImportRecord]?
  private(set) var selection = ListSelection<ID>()
  /// The import that is to be undone.
  private var asked: ID?

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Imports" }
  var needsData: Bool { imports == nil }
  var refresh: [Effect] { [.loadImports(data.group.id)] }

  private var ids: [ID] { (imports ?? []).map(\.id) }
  private var selected: ImportRecord? { selection.index(in: ids).flatMap { imports?[$0] } }

  var bindings: [Binding] {
    [
      Binding(
        [.character("I"), .character("n")], "I n", "import a file into the group", .importGroup,
        footer: "import a file"
      ).asking(data.group, for: .importFile),
      Binding(
        [.character("u"), .character("d"), .delete], "u d Del", "undo the import", .undo,
        footer: selected == nil ? "" : "undo"
      ).asking(data.group, for: .importFile),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: list.page(context)) { return [] }
    switch (command, selected) {
    case (.importGroup, _): return [.importFile(into: data, context)]
    case (.undo, let record?):
      asked = record.id
      return [
        .confirm(
          "Undo the import of \(record.words)? They are removed, and so are the guests and categories that it added and nothing else names.",
          [.run(.undoImport(group: data.group.id, record, force: false))])
      ]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    let group = data.group.id
    switch message {
    case .group(let found) where found.group.id == group: data = found
    case .imports(group, let found):
      imports = found
      selection.update(ids)
    case .importUndone(group, let record):
      return refresh.map { .run($0) } + [.toast("Undone: \(record.words).")]
    case .failed(.undoImport(group, let record, false), .problem(let problem))
    where problem.code == "changed_since" && record.id == asked:
      return [
        .confirm(
          "\(problem.detail.withoutParameters) Undo it all the same? These are deleted as a member deletes them, with their history; the others are removed.",
          [.run(.undoImport(group: group, record, force: true))])
      ]
    case .failed(.undoImport(group, _, _), let failure):
      return refresh.map { .run($0) } + [.toast(SafeText(failure.message("Not undone.")))]
    default: break
    }
    return []
  }

  private var list: IntroducedList {
    let count = imports?.count ?? 0
    let words: SafeText =
      count == 0
      ? "No import can be undone. \(key: .importGroup, "I") imports a file."
      : "Each import can be undone as a whole: \(key: .undo, "u")."
    return IntroducedList(words: words, count: count)
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let imports else {
      canvas.draw("Loading the imports…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    list.view(of: ids, into: &canvas, rows: rows, selection, context) { visible, lines in
      ListTable(
        columns: [
          .init(rank: 0, least: 8, fills: lines == 1), .init(rank: 2, least: 6, line: lines - 1),
          .init(rank: 1, edge: .right),
        ],
        rows: imports[visible].map { record in
          [
            .text(SafeText(record.words)), .text("by \(data.person(.member(record.createdBy)))", .muted),
            .text(context.time(of: record.createdAt), .muted),
          ]
        }, lines: lines)
    }
  }
}
