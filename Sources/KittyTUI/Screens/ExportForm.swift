import KittyShared

/// A form to write the books of a group into a file.
struct ExportForm: EffectForm, ChoosingForm {
  private let group: Group
  var form: FormFields
  private(set) var format = 0
  /// `true` while the path has the focus, and not the format.
  private var isInPath = false
  /// The open list of the formats.
  var picker: Picker?
  var pending: Effect?
  /// The path of a file that is replaced only by a key of its own.
  private var taken: String?

  init(_ group: Group) {
    self.group = group
    form = FormFields([
      .init(name: "path", label: "File", input: TextField(Self.path(of: group, .json), limit: 4096))
    ])
  }

  private var isTaken: Bool { taken != nil && taken == form["path"] }
  private var kind: ExportFormat { ExportFormat.allCases[format] }

  /// A path for a file of this group, whose name has only letters, digits and `-`.
  private static func path(of group: Group, _ format: ExportFormat) -> String {
    let words = group.name.lowercased().split { !($0.isLetter || $0.isNumber) }
    let name = words.isEmpty ? "group" : words.joined(separator: "-")
    return "~/\(name).\(format.ending)"
  }

  var title: SafeText { "Export" }
  var hasUnsaved: Bool { false }
  var bindings: [Binding] {
    if isChoosing { return Picker.bindings }
    let replacing = Binding(
      [.control("o")], "^O", "replace the file of this name", .remove, footer: "replace")
    return (isTaken ? [replacing] : []) + FormFields.entering("write the file", isLast: isInPath) + [
      Binding([.tab, .down], "Tab ↓", "next line", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
    ] + Binding.choosing("format", footer: isInPath ? "" : "choose") + [
      Binding([.escape], "Esc", "back", .back, footer: "back")
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    isInPath ? form.edit(key) : pick(key) ?? false
  }

  var options: [Picker.Option] {
    isInPath
      ? []
      : ExportFormat.allCases.enumerated().map {
        Picker.Option($0.offset, "\($0.element.rawValue)", note: $0.element.use)
      }
  }

  var chosen: Int { format }

  /// Takes another format. A path that is not the user's own follows it.
  mutating func choose(_ value: Int) {
    let isOwn = form["path"] != Self.path(of: group, kind)
    format = value
    form.clearErrors()
    if !isOwn { form.fields[0].input.set(Self.path(of: group, kind)) }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    guard settle() else { return [] }
    switch command {
    case .down, .up: isInPath.toggle()
    case .nextPanel: turn(1)
    case .open where !isInPath: isInPath = true
    case .open, .submit: return submit()
    case .remove where isTaken:
      let effect = export(replaces: true)
      form.clearErrors()
      pending = effect
      return [.run(effect)]
    default: break
    }
    return []
  }

  func effect() throws(Rejection) -> Effect { export(replaces: false) }

  private func export(replaces: Bool) -> Effect {
    .export(group: group.id, kind, path: form["path"], replaces: replaces)
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .exported(let path, let bytes) where pending != nil:
      pending = nil
      return [.pop, .toast("\"\(group.name)\" is in \(path), \(Self.size(bytes)).")]
    case .fileExists(let path) where pending != nil:
      fail(
        "Not written: \(path) exists. \(key: .remove, "^O") replaces it with these books; or write another name."
      )
      taken = form["path"]
    case .refused(let why) where pending != nil: fail(SafeText(why))
    case .failed(let effect, let failure) where effect == pending:
      fail(SafeText(failure.message("Not exported.")))
    default: break
    }
    return []
  }

  private mutating func fail(_ why: SafeText) {
    pending = nil
    isInPath = true
    form.clearErrors()
    form.error = why
  }

  private static func size(_ bytes: Int) -> SafeText {
    bytes < 1024 ? "\(bytes) bytes" : "\((bytes + 1023) / 1024) KiB"
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = Picker.drawLine(
      "Format", "\(kind.rawValue)", isHere: !isInPath, open: picker, row: rows.lowerBound,
      width: context.width,
      into: &canvas)
    row = form.view(into: &canvas, row: row, width: context.width, isActive: isInPath)
    let words: SafeText =
      pending == nil
      ? "\(kind.use) The file is written on the machine where this program runs. Another file of this name is never replaced without asking you."
      : "Writing the file…"
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}
