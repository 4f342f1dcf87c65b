import KittyShared

/// A form to import a file: an export of KittyCash as a new group, or a file of another program as a new group or into one.
/// A file of another program is previewed first; the preview stands in the place of the fields.
struct ImportForm: PathForm {
  /// The group to import into; `nil` for a new one.
  let data: GroupData?
  var form = FormFields([path])
  /// The id of the new group. A refused file gets another one.
  private(set) var id: ID
  /// The idempotency key of the import. Each attempt whose outcome is known to be none gets another one.
  private(set) var key: ID
  var pending: Effect?
  var completion = PathCompletion()
  var progress: (sent: Int64, total: Int64)?
  /// For names in the file: the id or the name of the member here.
  var members: [String: String] = [:]
  private(set) var preview: ImportPreview?
  /// The path that the server was last asked about: roles of columns belong to its file.
  var askedPath: String?
  /// `true` for an export of KittyCash.
  private var isExport = false
  /// `true` after an import whose answer was lost.
  private var isUnsure = false
  /// The imported group, while its renamed members are shown.
  private(set) var imported: ImportedGroup?
  /// The first line of the list of renamed members.
  private(set) var top = 0

  /// - Parameter report: A preview that stands in the place of the fields.
  init(_ data: GroupData? = nil, id: ID, key: ID, report: ImportReport? = nil) {
    self.data = data
    self.id = id
    self.key = key
    preview = report.map { ImportPreview($0, data) }
  }

  var title: SafeText { "Import" }
  var isEditing: Bool { imported == nil && (preview == nil || preview?.choice != nil) }
  var hasUnsaved: Bool { imported == nil && !form["path"].isEmpty }

  // MARK: - Keys

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    if preview != nil { return preview?.choice?.form.edit(key) ?? false }
    guard editPath(key) else { return false }
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if [.back, .quit].contains(command) { return leave() }
    if let imported { return perform(command, imported) }
    return preview == nil ? performFields(command, context) : performPreview(command, context)
  }

  /// Closes one layer.
  /// - Returns: Nothing when the form itself is to be closed.
  private mutating func leave() -> [Action] {
    switch pending {
    case .previewImport, .lookAtImport:
      stop("Stopped. Nothing was changed.")
      return [.run(.cancel)]
    case .some: return []
    case nil: break
    }
    if preview?.choice != nil {
      preview?.choice = nil
      return [.toast("The member stays as it was.")]
    }
    guard preview != nil else { return [] }
    preview = nil
    return [
      .toast(
        isUnsure
          ? "The import may have been done: look before you repeat it." : "Nothing is imported yet.")
    ]
  }

  private mutating func perform(_ command: Command, _ imported: ImportedGroup) -> [Action] {
    switch command {
    case .submit: return [.pop, .push(GroupScreen(imported.group))]
    case .down, .pageDown, .bottom: top = min(top + 1, max(0, (imported.renamed ?? []).count - 1))
    case .up, .pageUp, .top: top = max(0, top - 1)
    default: break
    }
    return []
  }

  private mutating func performFields(_ command: Command, _ context: Context) -> [Action] {
    let wasChoosing = form.picker != nil
    guard form.settle() else { return [] }
    showColumns()
    switch command {
    case .complete: return [.run(.complete(path: form["path"], of: .export))]
    case .more:
      for question in ImportQuestion.allCases { show(question, context) }
      form.active = min(1, form.shown - 1)
    case .down: form.move(1)
    case .up: form.move(-1)
    case .open where !form.isAtEnd: form.move(1)
    case .open where wasChoosing && form.filled("path") == nil: form.active = 0
    case .open, .submit: return look()
    default: break
    }
    return []
  }

  private mutating func performPreview(_ command: Command, _ context: Context) -> [Action] {
    guard let preview else { return [] }
    if var choice = preview.choice {
      let taken = choice.perform(command, members)
      self.preview?.choice = taken == nil ? choice : nil
      return taken.map { ask($0, context) } ?? []
    }
    if self.preview?.move(command, context) == true { return [] }
    switch command {
    case .open:
      guard let member = preview.selectedMember else {
        return [.toast("Select a member first: \(key: .nextPanel, "Tab") leads to them.")]
      }
      self.preview?.choice = ImportedMemberChoice(member, in: preview.report, data)
    case .edit:
      self.preview = nil
      return perform(.more, context)
    case .submit: return [confirmation(of: preview)]
    case .confirm:
      let effect = Effect.importFile(
        target(for: preview.report), path: form["path"], wishes(members))
      progress = (0, 0)
      pending = effect
      self.preview?.error = ""
      return [.run(effect)]
    default: break
    }
    return []
  }

  // MARK: - Questions

  /// Adds the line of a reading.
  mutating func show(_ question: ImportQuestion, _ context: Context) {
    guard !form.has(question.rawValue) else { return }
    form.addField(question.field(data?.group.currency ?? context.currency))
  }

  /// Adds lines for the columns of a table, or removes them for a file of a program.
  mutating func showColumns() {
    let isTable = form["format"] == ImportQuestion.table.string
    let active = form.active
    for (role, name) in ImportQuestion.columns {
      if isTable {
        form.addField(.init(name: "columns.\(role)", label: name, input: TextField(limit: 200)))
      } else {
        form.removeField("columns.\(role)")
      }
    }
    form.active = min(active, form.shown - 1)
  }

  /// The wishes of the lines.
  private func wishes(_ members: [String: String], accepting: Bool = true) -> ImportWishes {
    var wishes = ImportWishes(
      format: ImportQuestion.format.value(in: form).flatMap { ImportFormat(rawValue: $0) },
      members: members.merging(ImportedName.chosen(in: form)) { chosen, _ in chosen },
      currency: ImportQuestion.currency.value(in: form), decimal: ImportQuestion.decimal.value(in: form),
      dates: ImportQuestion.dates.value(in: form), encoding: ImportQuestion.encoding.value(in: form),
      acceptsDifferences: accepting && preview?.report.differs == true,
      keepsTwins: ImportQuestion.twins.value(in: form) != nil)
    wishes.columns = typedColumns.merging(ImportColumn.chosen(in: form)) { typed, _ in typed }
    return wishes
  }

  /// The titles of columns that were typed, by role.
  private var typedColumns: [String: String] {
    ImportQuestion.columns.reduce(into: [:]) { $0[$1.role] = form.filled("columns.\($1.role)") }
  }

  // MARK: - Requests

  func effect() throws(Rejection) -> Effect { .lookAtImport(path: form["path"]) }

  /// Looks at the file, which is a part of the preview to its user.
  private mutating func look() -> [Action] {
    guard form.filled("path") != nil else {
      form.active = 0
      form.fields[0].error = "Write the path of a file."
      return []
    }
    completion.clear()
    if let askedPath, askedPath != form["path"] {
      ImportColumn.forget(in: &form)
      ImportedName.forget(in: &form)
    }
    askedPath = form["path"]
    form.clearErrors()
    return ImportColumn.check(&form, typedColumns) ? submit() : []
  }

  /// Asks for a preview.
  private mutating func ask(_ members: [String: String], _ context: Context) -> [Action] {
    let target: ImportTarget = data.map { .group($0.group.id) } ?? .new(NewGroup(id: id, name: ""))
    progress = (0, 0)
    preview?.error = ""
    let effect = Effect.previewImport(target, path: form["path"], wishes(members, accepting: false))
    pending = effect
    return [.run(effect)]
  }

  private func target(for report: ImportReport) -> ImportTarget {
    data.map { .group($0.group.id) } ?? .new(group(for: report))
  }

  private func group(for report: ImportReport) -> NewGroup {
    NewGroup(id: id, for: report, path: form["path"])
  }

  /// The question before the import; when balances differ, a second one.
  private func confirmation(of preview: ImportPreview) -> Action {
    let report = preview.report
    let place: SafeText =
      data.map { "into \"\($0.group.name)\"" } ?? "as the new group \"\(group(for: report).name)\""
    return .confirm(
      "Import \(report.counts) \(place)?",
      [report.differs ? .confirm(preview.warning, [.command(.confirm)]) : .command(.confirm)])
  }

  // MARK: - Answers

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .progress(let sent, let total) where pending != nil: progress = (sent, total)
    case .completions(let paths) where pending == nil && isEditing && preview == nil:
      complete(paths, orElse: "No file of an export and no folder begins with this path.")
    case .importFound(let path, let isExport) where pending == .lookAtImport(path: path):
      self.isExport = isExport
      guard isExport, data == nil else { return ask(members, context) }
      let effect = Effect.importGroup(path: path, id: id, key: key)
      progress = (0, 0)
      pending = effect
      return [.run(effect)]
    case .importPreviewed(let report) where pending != nil:
      if case .previewImport(_, _, let wishes) = pending { members = wishes.members }
      (pending, progress) = (nil, nil)
      if preview == nil {
        preview = ImportPreview(report, data)
      } else {
        preview?.update(report)
      }
    case .fileImported(let group, let new, let report) where pending != nil:
      pending = nil
      return finish(group, new, report, context)
    case .imported(let found) where pending != nil:
      (pending, progress) = (nil, nil)
      return finish(found, context)
    case .refused(let why) where pending != nil: stop(SafeText(why))
    case .failed(let effect, let failure) where effect == pending:
      // Another file has other members, also when it has the name of the file before.
      if failure.namesUnknownMember, !members.isEmpty || !ImportedName.chosen(in: form).isEmpty {
        members = [:]
        ImportedName.forget(in: &form)
        return ask([:], context)
      }
      stop(effect, failure, context)
    default: break
    }
    return []
  }

  private mutating func finish(_ found: ImportedGroup, _ context: Context) -> [Action] {
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
    return []
  }

  private func finish(_ group: ID, _ new: Group?, _ report: ImportReport, _ context: Context) -> [Action] {
    let count = report.expenses + report.payments
    let words: SafeText =
      report.id == nil
      ? "Everything in the file is in the group already."
      : "\(count == 1 ? "1 entry is imported" : "\(count) entries are imported" as SafeText). Undo: \(key: .settings, "S"), then Imports."
    return [.pop] + (new.map { [.push(GroupScreen($0))] } ?? []) + [.toast(words)]
  }

  /// Shows a failure where its user is: in the preview, or in the fields.
  private mutating func stop(_ why: SafeText) {
    guard preview != nil else { return fail(why) }
    (pending, progress) = (nil, nil)
    preview?.error = why
  }

  private mutating func stop(_ effect: Effect, _ failure: ClientFailure, _ context: Context) {
    if case .uncertain(let why) = failure, !effect.isPreview {
      isUnsure = true
      // The same id makes another attempt safe.
      return stop(
        "\(SafeText(why)) It may have been imported. \(preview == nil ? "\(key: .submit, "^S")" : "\(key: .submit, "i")" as SafeText) again is safe: it cannot be imported twice."
      )
    }
    var isMade = false
    if case .madeBefore = failure { isMade = true }
    if !effect.isPreview || isMade { (id, key) = (context.newID(), context.newID()) }
    guard case .problem(let problem) = failure else {
      return stop(SafeText(failure.message(effect.isPreview ? "Not read." : "Not imported.")))
    }
    switch effect {
    case .importGroup where problem.status == 400:
      stop("Not imported. This is not an export of KittyCash as JSON.")
    case .previewImport where preview == nil: ask(about: problem, context)
    default:
      let again: SafeText =
        problem.code == "balances_differ" ? " \(key: .edit, "e") reads the file again." : ""
      stop("Not imported. \(SafeText(problem.told.withoutParameters).fitted(to: 600))\(again)")
    }
  }

  private static let asksForNames = "Write the name of the member behind each that is one."
  private static let asksForRoles = "Choose a role for each, or \"not read\"; Space shows them."

  /// Shows why the file cannot be read, with a line for each reading that the user must choose.
  private mutating func ask(about problem: Problem, _ context: Context) {
    let faults = problem.errors ?? []
    guard !isExport || !faults.contains(where: { $0.code == "unknown_format" }) else {
      return fail(
        "This server imports an export of KittyCash as a group of its own: press \(key: .importGroup, "I") in the list of groups."
      )
    }
    let columns = faults.flatMap { $0.columns ?? [] }
    let names = faults.flatMap { $0.names ?? [] }
    var words = problem.told.withoutParameters
    if !columns.isEmpty {
      words += " \(Self.asksForRoles)"
    } else if !names.isEmpty {
      words += " \(Self.asksForNames)"
    }
    fail(SafeText(words).fitted(to: 600))
    if !columns.isEmpty { return ImportColumn.ask(columns, in: &form) }
    if !names.isEmpty { return ImportedName.ask(names, in: &form) }
    let questions = faults.compactMap { ImportQuestion($0) }
    for question in questions { show(question, context) }
    if faults.contains(where: { $0.code == "column_missing" }) {
      let empty = form.fields.firstIndex { $0.name.hasPrefix("columns.") && $0.input.text.isEmpty }
      form.active = empty ?? form.active
    }
    guard let first = questions.first,
      let index = form.fields.firstIndex(where: { $0.name == first.rawValue })
    else { return }
    form.active = index
    // Of a file that no reader knows, the columns can be named if it is a table.
    let choices = form.fields[index].choices
    let isTable = ![".json", ".json.gz"].contains { form["path"].lowercased().hasSuffix($0) }
    form.picker = Picker(
      choices, at: isTable ? choices.first { $0.name == ImportQuestion.table }?.value : nil)
  }
}

extension Effect {
  fileprivate var isPreview: Bool {
    switch self {
    case .previewImport, .lookAtImport: true
    default: false
    }
  }
}

extension Problem {
  /// The faults of a file with their places, or else the fact.
  fileprivate var told: String {
    guard let errors, !errors.isEmpty else { return words }
    let most = 5
    let faults = errors.prefix(most).map { error in
      ImportQuestion(error) == .format || error.field == "file"
        ? error.message : "\(error.field): \(error.message)"
    }
    return faults.joined(separator: " ")
      + (errors.count > most ? " There are \(errors.count - most) more faults." : "")
  }
}

extension ClientFailure {
  /// `true` for the refusal of a name that the file does not have.
  fileprivate var namesUnknownMember: Bool {
    guard case .problem(let problem) = self else { return false }
    return (problem.errors ?? []).contains { $0.field == "map" && $0.code == "not_in_the_file" }
  }
}
