import KittyShared

/// A receipt that is a picture, drawn in pixels or in cells.
struct ReceiptScreen: Screen {
  private let group: ID
  private let entry: ID
  private let receipt: Receipt
  private(set) var preview: Preview?
  private var failure: SafeText?

  init(group: ID, entry: ID, _ receipt: Receipt) {
    (self.group, self.entry, self.receipt) = (group, entry, receipt)
  }

  var title: SafeText { SafeText(receipt.name) }
  var refresh: [Effect] {
    preview == nil && failure == nil ? [.loadReceipt(group: group, entry: entry, receipt.number)] : []
  }

  var bindings: [Binding] {
    [Binding([.character("s")], "s", "save the receipt in a file of this machine", .export, footer: "save")]
      + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    guard command == .export else { return [] }
    return [.push(ReceiptSaveForm(group: group, entry: entry, receipt))]
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .receipt(entry, receipt.number, let preview): self.preview = preview
    case .failed(.loadReceipt(group, entry, receipt.number), let failure):
      self.failure = SafeText(failure.message("Not shown."))
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    guard let preview else {
      for (index, line) in (failure ?? "Loading the picture…").wrapped(to: max(10, context.width - 2))
        .enumerated()
      where index < rows.count {
        canvas.draw(
          line, row: rows.lowerBound + index, column: 0, style: failure == nil ? .muted : .error)
      }
      return
    }
    let height = PhotoScreen.draw(preview, into: &canvas, rows: rows, context)
    canvas.draw(
      "\(ReceiptsScreen.size(receipt)). \(key: .export, "s") saves it as it is.",
      row: min(rows.upperBound - 1, rows.lowerBound + height), column: 0, width: context.width, style: .muted)
  }
}
