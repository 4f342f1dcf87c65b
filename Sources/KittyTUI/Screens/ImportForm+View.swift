import KittyShared

/// The drawing of the form, and its keys.
extension ImportForm {
  var bindings: [Binding] {
    if imported != nil {
      return [Binding([.enter, .right], "Enter →", "open the group", .submit, footer: "open the group")]
        + Binding.moving + Binding.leaving
    }
    if let preview { return preview.bindings }
    if form.picker != nil { return Picker.bindings }
    let isOnPath = form.active == 0
    let next = Binding(
      [.down] + (isOnPath ? [] : [.tab]), isOnPath ? "↓" : "Tab ↓", "next line", .down)
    let entering =
      form.shown == 1
      ? [Binding([.enter, .control("s")], "Enter ^S", "read the file", .submit, footer: "read the file")]
      : FormFields.entering("read the file", isLast: form.isAtEnd)
    return entering
      + (isOnPath ? [Binding([.tab], "Tab", "complete the path", .complete, footer: "complete")] : [])
      + (form.shown == 1 ? [] : [next, Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up)])
      + (form.fields[form.active].choices.isEmpty
        ? []
        : [Binding([], "letters", "choose by typing; Space shows all", .toggle, footer: "choose")])
      + [
        Binding(
          [.control("o")], "^O", "say the program, the days, the decimals, the currency", .more,
          footer: "options"),
        Binding([.escape], "Esc", "back", .back, footer: "back"),
      ] + FormFields.editing
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let imported { return drawRenamed(imported, into: &canvas, rows: rows, context) }
    let isReading = if case .importFile = pending { false } else { true }
    let words = sending(
      isReading && preview != nil || data != nil || pending?.isOfKittyCash != true
        ? isReading ? "Sent. The server is reading the file…" : "Sent. The server is importing the entries…"
        : "Sent. The server is importing the books…")
    if let preview { return preview.view(into: &canvas, rows: rows, data, progress: words, context) }
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width) + 1
    if let words {
      canvas.draw(words, row: row, column: 2, width: context.width - 2, style: .bold)
      return
    }
    // A fault has the room.
    guard form.error.string.isEmpty || !completion.choices.isEmpty else { return }
    drawChoices(orElse: hint, into: &canvas, row: row, end: rows.upperBound, context)
  }

  private var hint: SafeText {
    if form.has("columns.payer") {
      return
        "Write the title of each column as in the first line of the file. Empty: it is found by its usual titles, or not there."
    }
    if form.shown > 1 { return "The file tells most of it. Choose only what was understood in another way." }
    let files: SafeText =
      "A file of Splitwise, Spliit, SplitPro, ihatemoney, Cospend, Tricount or Settle Up, or a table with a line for each expense, on the machine where this program runs. You see what was understood before anything is written."
    return data == nil
      ? "\(files) It becomes a new group. A JSON file that KittyCash exported becomes the group that it was: you take the place of the owner, and the others are guests until they accept an invite."
      : "\(files) Entries that \"\(data?.group.name ?? "")\" has already are left out."
  }

  private func drawRenamed(
    _ imported: ImportedGroup, into canvas: inout Canvas, rows: Range<Int>, _ context: Context
  ) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let renamed = imported.renamed ?? []
    let words: SafeText =
      "\"\(imported.group.name)\" is imported. Some names looked alike, so these members have another one now:"
    let first = canvas.drawIntroduction(words, rows: rows, listing: renamed.count, style: .normal)
    let list = first..<max(first, rows.upperBound)
    let start = max(0, min(top, renamed.count - list.count))
    ListTable(
      columns: [
        .init(rank: 0, least: 8, most: 34), .init(rank: 1, gap: 1), .init(rank: 2, least: 8, gap: 1),
      ],
      rows: renamed[start...].prefix(list.count).map {
        [.text(SafeText($0.from)), .text("→"), .text(SafeText($0.to), .bold)]
      }
    ).draw(into: &canvas, rows: list, columns: ListTable.columns(in: context.width))
  }
}

extension Effect {
  /// `true` for the import of an export of KittyCash.
  fileprivate var isOfKittyCash: Bool { if case .importGroup = self { true } else { false } }
}
