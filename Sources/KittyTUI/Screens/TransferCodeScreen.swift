import KittyShared
import QREncode

/// The QR code of a bank transfer, which a banking app reads, and its text.
struct TransferCodeScreen: Screen {
  private let transfer: Transfer
  private let text: String
  private let code: QRCode
  private let data: GroupData
  /// `true` when the code is drawn for a terminal with a light background. Only one without colours needs it.
  private var isInverted = false

  init(_ transfer: Transfer, _ text: String, _ code: QRCode, _ data: GroupData) {
    self.transfer = transfer
    self.text = text
    self.code = code
    self.data = data
  }

  var title: SafeText { "Bank code" }
  var bindings: [Binding] {
    [
      Binding([.character("w")], "w", "copy the text of the code", .copyText, footer: "copy"),
      Binding(
        [.character("t")], "t", "swap dark and light of the picture, without colours", .invert),
    ] + Binding.leaving.filter { $0.command != .refresh }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .copyText: return Action.copy(text + "\n", "The text")
    case .invert:
      isInverted.toggle()
      return context.palette == .monochrome ? [] : [.toast("The picture is black on white already.")]
    default: return []
    }
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let payment: SafeText =
      "\(data.person(transfer.from).capitalised) → \(data.person(transfer.to)), \(SafeText(Money(amount: transfer.amount, currency: transfer.currency)))."
    var row = rows.lowerBound
    func draw(_ text: SafeText, _ style: Style = .normal) {
      for line in text.wrapped(to: max(10, context.width - 4)) where row < rows.upperBound {
        canvas.draw(line, row: row, column: 2, style: style)
        row += 1
      }
    }
    let isPlain = context.settings.isPlain
    let picture = [2, 1].map { QRCells(code, quiet: $0, isASCII: context.settings.isASCII) }
    let scan: SafeText = "\(payment) Scan it with a banking app."
    let room = rows.count - scan.wrapped(to: max(10, context.width - 4)).count
    let cells = picture.first { !isPlain && $0.width + 2 <= context.width && $0.height <= room }
    draw(cells == nil ? payment : scan)
    if let cells {
      cells.draw(into: &canvas, row: row, column: 2, palette: context.palette, isInverted: isInverted)
      return
    }
    if isPlain {
      draw(
        "A bank code is a picture, which is not shown in this mode. Its text, which \(key: .copyText, "w") copies:"
      )
    } else {
      draw(
        "This window is too small for the QR code: \(picture[1].width + 2) columns and \(picture[1].height + 4) rows show it. Its text, which \(key: .copyText, "w") copies:",
        .muted)
    }
    for line in text.split(separator: "\n") { draw(SafeText(String(line)), isPlain ? .normal : .muted) }
  }
}
