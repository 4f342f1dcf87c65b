import KittyShared

/// One entry with its shares, history and comments.
struct EntryScreen: Screen {
  private let data: GroupData
  private(set) var entry: Entry
  private(set) var details: EntryDetails?
  private(set) var top = 0

  init(_ data: GroupData, _ entry: Entry) {
    self.data = data
    self.entry = entry
  }

  var title: SafeText { "#\(entry.number)" }
  var refresh: [Effect] { [.loadEntry(group: data.group.id, entry: entry.id)] }
  var bindings: [Binding] {
    [
      Binding([.character("e")], "e", "edit the entry", .edit, footer: "edit"),
      Binding([.character("c")], "c", "add a comment", .comment, footer: "comment"),
      Binding([.character("d"), .delete], "d Del", "delete the entry", .remove, footer: "delete"),
      Binding(
        [.character("u")], "u", "restore the entry", .undo, footer: entry.deletedAt == nil ? "" : "restore"),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let group = data.group.id
    switch command {
    case .down: top += 1
    case .up: top -= 1
    case .pageDown: top += context.height - 6
    case .pageUp: top -= context.height - 6
    case .top: top = 0
    case .bottom: top = .max
    case .edit: return Self.edit(entry, data, context)
    case .comment: return [.push(CommentForm(group: group, entry: entry, id: context.newID()))]
    case .remove where entry.deletedAt == nil:
      return [.confirm(Self.deletion(of: entry), [.run(.deleteEntry(group: group, entry: entry.id))])]
    case .undo where entry.deletedAt != nil: return [.run(.restoreEntry(group: group, entry: entry.id))]
    default: break
    }
    let last = max(0, lines(context).count - (context.height - 4))
    top = max(0, min(top, last))
    return []
  }

  /// The question before an entry is deleted. A long description is cut, so that the amount is visible.
  static func deletion(of entry: Entry) -> SafeText {
    let words = SafeText(entry.description).fitted(to: 40)
    return "Delete #\(entry.number) \"\(words)\", \(GroupScreen.sum(of: entry))? The balances change."
  }

  /// Opens the form for this kind of entry.
  static func edit(_ entry: Entry, _ data: GroupData, _ context: Context) -> [Action] {
    guard entry.deletedAt == nil else { return [.toast("The entry is deleted. Restore it first: u.")] }
    switch entry.kind {
    case .expense: return [.push(ExpenseForm(data, id: entry.id, today: context.today, changing: entry))]
    case .payment, .contribution, .payout:
      return [.push(PaymentForm(data, id: entry.id, today: context.today, changing: entry))]
    case .count: return [.toast("A count cannot be edited. Delete it and count again.")]
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .entry(let details) where details.entry.id == entry.id:
      self.details = details
      entry = details.entry
    case .entryDeleted(entry.id): return [.pop, .toast("Deleted. Press u to restore it.")]
    case .entryRestored(entry.id):
      return [.run(.loadEntry(group: data.group.id, entry: entry.id)), .toast("Restored.")]
    case .failed(.deleteEntry(_, entry.id), let failure):
      return [.toast(SafeText(failure.message("Not deleted.")))]
    case .failed(.restoreEntry(_, entry.id), let failure):
      return [.toast(SafeText(failure.message("Not restored.")))]
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let lines = lines(context)
    let first = max(0, min(top, lines.count - rows.count))
    for (offset, line) in lines.dropFirst(first).prefix(rows.count).enumerated() {
      canvas.draw(
        line.text, row: rows.lowerBound + offset, column: 2, width: context.width - 2, style: line.style)
    }
    canvas.placeCursor(row: rows.lowerBound, column: 0)
  }

  private struct Line {
    let text: SafeText
    var style = Style.normal
  }

  private func lines(_ context: Context) -> [Line] {
    var lines: [Line] = []
    let width = max(10, context.width - 4)
    func add(_ text: SafeText, _ style: Style = .normal, indent: Int = 0) {
      let space = SafeText(String(repeating: " ", count: indent))
      // A continuation line is indented, so that each line is recognisable in a narrow window.
      for (index, line) in text.wrapped(to: max(10, width - 2 * indent)).enumerated() {
        lines.append(Line(text: (index == 0 ? space : space + space) + line, style: style))
      }
    }
    let amount = Amount(entry.amount, entry.currency)
    add("\(entry.description)", .bold)
    add("\(amount.text()) \(amount.currency.code) on \(entry.date)")
    if let rate = entry.rate {
      let booked = Amount(entry.booked.amount, entry.booked.currency)
      add("booked as \(booked.text()) \(booked.currency.code), at \(rate.text)")
    }
    if entry.deletedAt != nil {
      add("Deleted: the balances do not include it. Press u to restore it.", .error)
    }
    for line in (entry.note ?? "").split(separator: "\n") { add("\(String(line))", .muted) }
    func sum(_ minorUnits: Int64, _ currency: Currency) -> SafeText {
      SafeText(Money(amount: minorUnits, currency: currency))
    }
    if let from = entry.from, let to = entry.to { add("\(data.name(of: from)) paid \(data.name(of: to)).") }
    if let counted = entry.counted, let expected = entry.expected {
      add(
        "Counted \(sum(counted, entry.currency)), by the books \(sum(expected, entry.currency))."
      )
    }
    for payer in entry.payers ?? [] where entry.kind == .expense {
      let paid = try? payer.amount.amount(in: entry.currency)
      add("\(data.name(of: payer.account)) paid \(sum(paid?.minorUnits ?? 0, entry.currency))")
    }
    if let split = entry.split, split.method != .equally, split.method != .exact {
      add("Split \(EntryHistory.words(for: split, entry.currency, data))", .muted)
    }
    for share in entry.shares ?? [] {
      add("\(data.name(of: share.member)) has a share of \(sum(share.amount, entry.booked.currency))")
    }
    guard let details else { return lines }
    add("")
    for comment in details.comments {
      add("\(data.name(of: comment.createdBy)), \(comment.createdAt.day): \(comment.text)")
    }
    add("History", .muted)
    for part in EntryHistory(details, data).parts {
      add(part.heading, .muted)
      for change in part.changes { add(change, .muted, indent: 2) }
    }
    return lines
  }
}
