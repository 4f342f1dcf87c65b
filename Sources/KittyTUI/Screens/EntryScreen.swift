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
      Binding([.character("e")], "e", "edit the entry", .edit, footer: "edit")
        .asking(data.group, for: .change(entry)),
      Binding([.character("n")], "n", "a new entry like this one", .another, footer: "new like it")
        .asking(data.group, for: .copy(entry)),
      Binding(
        [.character("b")], "b", "enter a refund of the expense", .refund, footer: isRefundable ? "refund" : ""
      ).asking(data.group, for: .copy(entry)),
      Binding([.character("c")], "c", "add a comment", .comment, footer: "comment")
        .asking(data.group, for: .enter),
      Binding([.character("R")], "R", "its receipts", .receipts, footer: "receipts"),
      Binding([.character("d"), .delete], "d Del", "delete the entry", .remove, footer: "delete")
        .asking(data.group, for: .delete(entry)),
      Binding(
        [.character("u")], "u", "restore the entry", .undo, footer: entry.deletedAt == nil ? "" : "restore"
      ).asking(data.group, for: .restore(entry)),
    ] + Binding.moving + Binding.leaving
  }

  /// `true` for an expense that is no refund itself.
  private var isRefundable: Bool {
    entry.kind == .expense && entry.refundOf == nil && entry.deletedAt == nil
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let group = data.group.id
    switch command {
    case .down: top += 1
    case .up: top -= 1
    case .pageDown: top += max(1, context.rows.count - 1)
    case .pageUp: top -= max(1, context.rows.count - 1)
    case .top: top = 0
    case .bottom: top = .max
    case .edit: return Self.edit(entry, data, context)
    case .another: return Self.another(like: entry, data, context)
    case .refund:
      guard isRefundable else {
        return [.toast("Only an expense can be refunded, and a refund cannot.")]
      }
      return [.push(RefundForm(data, id: context.newID(), today: context.today, of: entry))]
    case .comment: return [.push(CommentForm(group: group, entry: entry, id: context.newID()))]
    case .receipts: return [.push(ReceiptsScreen(data, entry))]
    case .remove where entry.deletedAt == nil:
      return [.confirm(Self.deletion(of: entry), [.run(.deleteEntry(group: group, entry: entry.id))])]
    case .undo where entry.deletedAt != nil: return [.run(.restoreEntry(group: group, entry: entry.id))]
    default: break
    }
    let last = max(0, sheet(context).height - context.rows.count)
    top = max(0, min(top, last))
    return []
  }

  /// The question before an entry is deleted. A long description is cut, so that the amount is visible.
  static func deletion(of entry: Entry) -> SafeText {
    let words = SafeText(entry.description).fitted(to: 40)
    return "Delete #\(entry.number) \"\(words)\", \(EntryTable.sum(of: entry))? The balances change."
  }

  /// Opens the form for a new entry of today that is like this one.
  static func another(like entry: Entry, _ data: GroupData, _ context: Context) -> [Action] {
    switch entry.kind {
    case .expense: [.push(ExpenseForm(data, id: context.newID(), today: context.today, like: entry))]
    case .payment, .contribution, .payout:
      [.push(PaymentForm(data, id: context.newID(), today: context.today, like: entry))]
    case .count: []
    }
  }

  /// Opens the form for this kind of entry.
  static func edit(_ entry: Entry, _ data: GroupData, _ context: Context) -> [Action] {
    guard entry.deletedAt == nil else {
      return [.toast("The entry is deleted. Restore it first: \(key: .undo, "u").")]
    }
    if entry.refundOf != nil { return [.push(RefundForm(data, today: context.today, changing: entry))] }
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
    case .stored(data.group.id, let stored) where stored.id == entry.id: entry = stored
    case .receiptAdded(data.group.id, entry.id, _), .receiptRemoved(data.group.id, entry.id, _):
      return [.run(.loadEntry(group: data.group.id, entry: entry.id))]
    case .entryDeleted(entry.id): return [.pop, .toast("Deleted. Press \(key: .undo, "u") to restore it.")]
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
    let sheet = sheet(context)
    canvas.draw(sheet, from: max(0, min(top, sheet.height - rows.count)), rows: rows, column: 2)
    canvas.placeCursor(row: rows.lowerBound, column: 0)
  }

  private func sheet(_ context: Context) -> Canvas {
    EntryDetail(entry, details, data, context).sheet(width: max(10, context.width - 4))
  }
}
