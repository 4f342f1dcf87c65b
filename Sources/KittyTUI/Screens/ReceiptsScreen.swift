import KittyShared

/// The receipts of an entry.
struct ReceiptsScreen: Screen {
  private let data: GroupData
  private(set) var entry: Entry
  private(set) var selection = ListSelection<Int>()

  init(_ data: GroupData, _ entry: Entry) {
    self.data = data
    self.entry = entry
    selection.update(numbers)
  }

  var title: SafeText { "Receipts of #\(entry.number)" }

  private var receipts: [Receipt] { entry.receipts ?? [] }
  private var numbers: [Int] { receipts.map(\.number) }
  private var selected: Receipt? { selection.index(in: numbers).map { receipts[$0] } }

  var bindings: [Binding] {
    let receipt = selected
    var adding = Binding(
      [.character("n"), .character("a")], "n a", "add a receipt", .newReceipt, footer: "add"
    )
    .asking(data.group, for: .attach(entry))
    if entry.content.freeReceiptNumber == nil {
      adding.refusal = "The entry has \(Receipt.maxNumber) receipts, which is the most. Remove one first."
    }
    return [
      adding,
      Binding(
        [.enter, .right, .character("v")], "Enter → v", "see the picture", .open,
        footer: receipt?.type.isPicture == true ? "see" : ""),
      Binding(
        [.character("s")], "s", "save the receipt in a file of this machine", .export,
        footer: receipt == nil ? "" : "save"),
      Binding(
        [.character("d"), .delete], "d Del", "remove the receipt", .remove,
        footer: receipt == nil ? "" : "remove"
      ).asking(data.group, for: .attach(entry)),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: numbers, page: list.page(context)) { return [] }
    let group = data.group.id
    switch (command, selected) {
    // There the files of the user are on another machine.
    case (.newReceipt, _) where !context.hasFiles:
      let otherWay: SafeText =
        "Send it from your machine: \(self.command(context)) receipt GROUP '#\(entry.number)' < FILE"
      return [.push(UploadScreen(.receipt(group: group, entry: entry.id), otherWay: otherWay))]
    case (.export, let receipt?) where !context.hasFiles:
      return [
        .toast(
          "Save it on your machine: \(self.command(context)) receipt GROUP '#\(entry.number)' --read \(receipt.number) > FILE"
        )
      ]
    case (.newReceipt, _): return [.push(ReceiptForm(group, entry))]
    case (.open, let receipt?):
      guard receipt.type.isPicture else {
        return [.toast("A PDF is not shown here. \(key: .export, "s") saves it in a file.")]
      }
      return [.push(ReceiptScreen(group: group, entry: entry.id, receipt))]
    case (.export, let receipt?): return [.push(ReceiptSaveForm(group: group, entry: entry.id, receipt))]
    case (.remove, let receipt?):
      return [
        .confirm(
          "Remove the receipt \"\(receipt.name)\" of #\(entry.number)?",
          [.run(.removeReceipt(group: group, entry: entry.id, receipt.number))])
      ]
    default: return []
    }
  }

  /// The beginning of a command on the user's machine: only a session with the own sshd of KittyCash takes commands.
  private func command(_ context: Context) -> SafeText {
    context.kiosk == nil ? "kittycash" : "ssh …"
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .stored(data.group.id, let stored) where stored.id == entry.id:
      entry = stored
      selection.update(numbers)
    case .entry(let details) where details.entry.id == entry.id:
      entry = details.entry
      selection.update(numbers)
    case .receiptAdded(data.group.id, entry.id, let number): selection.select(number, in: numbers)
    case .receiptRemoved(data.group.id, entry.id, _): return [.toast("Removed. The history has its name.")]
    case .failed(.removeReceipt(data.group.id, entry.id, _), let failure):
      return [.toast(SafeText(failure.message("Not removed.")))]
    default: break
    }
    return []
  }

  private var list: IntroducedList {
    let count = receipts.count
    let words: SafeText =
      count == 0
      ? "No receipts yet. \(key: .newReceipt, "n") adds a picture or a PDF."
      : count == 1 ? "1 receipt." : "\(count) receipts."
    return IntroducedList(words: words, count: count)
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let receipts = receipts
    list.view(of: numbers, into: &canvas, rows: rows, selection, context) { visible, _ in
      ListTable(
        columns: [
          .init(rank: 2, edge: .right), .init(rank: 0, least: 8, fills: true), .init(rank: 1, edge: .right),
        ],
        rows: receipts[visible].map { receipt in
          [.text("\(receipt.number)"), .text(SafeText(receipt.name)), .text(Self.size(receipt), .muted)]
        })
    }
  }

  static func size(_ receipt: Receipt) -> SafeText {
    receipt.bytes < 1024 ? "\(receipt.bytes) bytes" : "\((receipt.bytes + 1023) / 1024) KiB"
  }
}
