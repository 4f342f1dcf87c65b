import KittyShared
import QREncode

/// An address to which a picture or a receipt can be sent from another machine, as text and as a QR code for a phone.
struct UploadScreen: Screen {
  let target: UploadTarget
  /// The way without an address, said when there is none.
  private let otherWay: SafeText
  private(set) var address: UploadAddress?
  /// All addresses that were made here: an earlier one works until it expires.
  private var made: [UploadAddress] = []
  private var failure: SafeText?

  init(_ target: UploadTarget, otherWay: SafeText = "") {
    self.target = target
    self.otherWay = otherWay
  }

  private var isReceipt: Bool { if case .receipt = target { true } else { false } }

  var title: SafeText { isReceipt ? "Send a receipt" : "Send a picture" }
  var refresh: [Effect] { address == nil && failure == nil ? [.createUpload(target)] : [] }
  var bindings: [Binding] {
    let copying = Binding([.character("y")], "y", "copy the address", .copyText, footer: "copy")
    let another = Binding([.character("n")], "n", "another address", .another, footer: "another address")
    return (address == nil ? [] : [copying]) + [another] + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .copyText: return address.map { Action.copy($0.url, "The address") } ?? []
    case .another:
      (address, failure) = (nil, nil)
      return [.run(.createUpload(target))]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .uploadAddress(target, let address, let known):
      (self.address, failure) = (address, nil)
      made.append(address)
      return [.run(.awaitUpload(target, known: known, at: address))]
    case .uploadDone(let address) where made.contains(address):
      return [.pop] + (isReceipt ? [.toast("The receipt is added.")] : [])
    case .uploadExpired(let expired) where expired == address:
      address = nil
      failure =
        "No \(isReceipt ? "file" : "picture" as SafeText) has come within ten minutes. \(key: .another, "n") makes another address."
    case .failed(.awaitUpload(target, _, let failed), let failure) where failed == address:
      address = nil
      self.failure = SafeText(failure.message("Not waiting for a file any more."))
    case .failed(.createUpload(target), let failure):
      self.failure = SafeText(failure.message("There is no address."))
      if !otherWay.string.isEmpty { self.failure = "\(self.failure ?? "") \(otherWay)" }
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = rows.lowerBound
    func draw(_ text: SafeText, _ style: Style) {
      for line in text.wrapped(to: max(10, context.width - 3)) {
        canvas.draw(line, row: row, column: 2, style: style)
        row += 1
      }
    }
    guard let address else {
      return draw(failure ?? "Asking for an address…", failure == nil ? .muted : .error)
    }
    draw(
      "Open this address on a phone, or on the machine that has the \(isReceipt ? "file" : "picture" as SafeText). It works once, for ten minutes.",
      .normal)
    draw(SafeText(address.url), .bold)
    guard !context.settings.isPlain, let code = QRCode(address.url) else { return }
    let picture = QRCells(code, quiet: 1, isASCII: context.settings.isASCII)
    guard context.width >= picture.width + 2, rows.upperBound - row >= picture.height + 1 else { return }
    picture.draw(into: &canvas, row: row + 1, column: 2, palette: context.palette)
  }
}
