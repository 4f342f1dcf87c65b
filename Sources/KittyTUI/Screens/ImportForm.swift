import KittyShared

/// A form to create a group from an export as JSON.
struct ImportForm: EffectForm {
  var form = FormFields([.init(name: "path", label: "File", input: TextField(limit: 4096))])
  /// The id of the new group. A refused file gets another one.
  private var id: ID
  /// The idempotency key of the import. Each attempt whose outcome is known to be none gets another one.
  private var key: ID
  var pending: Effect?
  private(set) var choices: [String] = []
  private(set) var progress: (sent: Int64, total: Int64)?
  /// The imported group, while its renamed members are shown.
  private(set) var imported: ImportedGroup?
  /// The first line of the list of renamed members.
  private var top = 0

  init(id: ID, key: ID) {
    self.id = id
    self.key = key
  }

  var title: SafeText { "Import" }
  var isEditing: Bool { imported == nil }
  var hasUnsaved: Bool { imported == nil && !form["path"].isEmpty }
  var bindings: [Binding] {
    if imported != nil {
      return [Binding([.enter, .right], "Enter →", "open the group", .submit, footer: "open the group")]
        + Binding.moving + Binding.leaving
    }
    return [
      Binding([.enter, .control("s")], "Enter ^S", "import the file", .submit, footer: "import"),
      Binding([.tab], "Tab", "complete the path", .complete, footer: "complete"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    var key = key
    if case .paste(let text) = key { key = .paste(PhotoFile.cleaned(text)) }
    guard form.edit(key) else { return false }
    choices = []
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .complete: return [.run(.complete(path: form["path"], of: .export))]
    case .submit:
      if let imported { return [.pop, .push(GroupScreen(imported.group))] }
      guard form.filled("path") != nil else {
        form.fields[0].error = "Write the path of a JSON export."
        return []
      }
      choices = []
      progress = (0, 0)
      return submit()
    case .down, .pageDown, .bottom: top = min(top + 1, max(0, (imported?.renamed ?? []).count - 1))
    case .up, .pageUp, .top: top = max(0, top - 1)
    default: break
    }
    return []
  }

  func effect() throws(Rejection) -> Effect { .importGroup(path: form["path"], id: id, key: key) }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .progress(let sent, let total) where pending != nil: progress = (sent, total)
    case .completions(let paths) where pending == nil && imported == nil: complete(paths)
    case .imported(let found) where pending != nil:
      pending = nil
      progress = nil
      guard found.renamed != nil else {
        return [
          .pop, .push(GroupScreen(found.group)),
          .toast(
            context.sentence(
              found.group.name,
              "is imported. Its members are guests: \(key: .invites, "v") invites them.")),
        ]
      }
      imported = found
    case .refused(let why) where pending != nil: fail(SafeText(why))
    case .failed(let effect, let failure) where effect == pending: fail(failure, context)
    default: break
    }
    return []
  }

  private mutating func fail(_ failure: ClientFailure, _ context: Context) {
    switch failure {
    case .uncertain(let why):
      fail(
        "\(SafeText(why)) It may have been imported. \(key: .submit, "^S") again is safe: it cannot be imported twice."
      )
      return
    case .problem(let problem) where problem.status == 400:
      fail("Not imported. This is not an export of KittyCash as JSON.")
    case .problem(let problem): fail("Not imported. \(SafeText(problem.words).fitted(to: 400))")
    default: fail(SafeText(failure.message("Not imported.")))
    }
    id = context.newID()
    key = context.newID()
  }

  private mutating func fail(_ why: SafeText) {
    pending = nil
    progress = nil
    form.clearErrors()
    form.error = why
  }

  /// Completes the path with the only match. Of several matches it takes the common beginning and lists them.
  private mutating func complete(_ paths: [String]) {
    guard var common = paths.first else {
      form.error = "No JSON file or folder begins with this path."
      return
    }
    for path in paths { while !path.hasPrefix(common) { common.removeLast() } }
    if common.count > form["path"].count { form.fields[0].input.set(common) }
    choices = paths.count > 1 ? paths : []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let imported { return drawRenamed(imported, into: &canvas, rows: rows, context) }
    var row = form.view(into: &canvas, row: rows.lowerBound, width: context.width) + 1
    if let progress, pending != nil {
      let isSent = progress.total > 0 && progress.sent >= progress.total
      let words: SafeText =
        isSent
        ? "Sent. The server is importing the books…"
        : "Sending: \(progress.sent / 1024) of \(progress.total / 1024) KiB…"
      canvas.draw(words, row: row, column: 2, width: context.width - 2, style: .bold)
      return
    }
    for choice in choices.prefix(max(0, rows.upperBound - row - 1)) {
      canvas.draw(SafeText(choice), row: row, column: 2, width: context.width - 2)
      row += 1
    }
    guard choices.isEmpty else { return }
    drawHint(
      "A JSON file that KittyCash exported, on the machine where this program runs. It becomes a new group, in which you take the place of the owner; the other members are guests until they accept an invite.",
      into: &canvas, row: row, context)
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

/// The draft of the form. It has the id and the key of the import, so that a file is never imported twice.
extension ImportForm {
  var draftName: Draft.Name? { Draft.Name(kind: .importing, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.fields = form.written
    draft.choices = ["key": key.description]
    return draft
  }

  /// A form with the input of a draft; `nil` when its key is damaged.
  init?(draft: Draft) {
    guard let key = ID(draft.choices["key"] ?? "") else { return nil }
    self.init(id: draft.name.id, key: key)
    form.restore(draft.fields)
  }
}
