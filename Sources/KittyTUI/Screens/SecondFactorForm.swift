import KittyShared
import QREncode

/// The secret of a second factor as a QR code and as text, and a field for a code that confirms it.
struct SecondFactorForm: EffectForm {
  private let secret: PendingSecondFactor
  private let code: QRCode?
  var form = FormFields([.init(name: "code", label: "Code", input: TextField(limit: 16))])
  var pending: Effect?
  /// `true` when the QR code is drawn for a terminal with a light background. Only one without colours needs it.
  private var isInverted = false

  init(_ secret: PendingSecondFactor) {
    self.secret = secret
    code = QRCode(Self.shortened(secret.uri))
  }

  /// The address without the parameters that have their default values: the code is smaller, and fits into more windows.
  private static func shortened(_ uri: String) -> String {
    let parts = uri.split(separator: "&", omittingEmptySubsequences: false)
    return parts.filter { !["algorithm=SHA1", "digits=6", "period=30"].contains($0) }.joined(separator: "&")
  }

  var title: SafeText { "Secret" }
  var bindings: [Binding] {
    [
      Binding([.enter, .control("s")], "Enter ^S", "turn the second factor on", .submit, footer: "turn on"),
      Binding([.control("t")], "^T", "swap dark and light of the picture, without colours", .invert),
      Binding([.escape], "Esc", "back: it stays off", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    guard command == .invert else { return performFields(command) }
    isInverted.toggle()
    return context.palette == .monochrome ? [] : [.toast("The picture is black on white already.")]
  }

  func effect() throws(Rejection) -> Effect {
    .you(.confirmSecondFactor(try SecondFactorConfirmation(code: form["code"].trimmed).checked()))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.recoveryCodes(let codes)) where pending != nil:
      return [
        .pop,
        .push(
          ShownOnceScreen(
            title: "Recovery codes",
            words:
              "The second factor is on. Write these codes down: each of them replaces your phone once. They are not shown again.",
            lines: codes.map { SafeText($0) },
            question: "Are the codes written down? They are not shown again.")),
      ]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(
        failure, "It is still off.",
        again: "If it is on now, go back and make codes that you can read: \(key: .another, "n") there.")
    default: break
    }
    return []
  }
}

/// The drawing: words and field to the left of the picture, or below it.
extension SecondFactorForm {
  /// The columns that the words need beside the picture.
  private static let words = 30

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let code, !context.settings.isPlain else {
      return drawText(nil, into: &canvas, row: rows.lowerBound, context.width)
    }
    let isASCII = context.settings.isASCII
    let small = QRCells(code, quiet: 1, isASCII: isASCII)
    let least = Self.words + 2 + small.width
    guard context.width >= least, rows.count >= small.height else {
      let below = textHeight("", context.width) + 1
      if context.width >= small.width, rows.count >= small.height + below {
        draw(small, into: &canvas, row: rows.lowerBound, column: 0, context)
        drawText("", into: &canvas, row: rows.lowerBound + small.height + 1, context.width)
        return
      }
      let note: SafeText =
        "This window is too small for the QR code: \(least) columns and \(small.height + 4) rows show it."
      return drawText(note, into: &canvas, row: rows.lowerBound, context.width)
    }
    let large = QRCells(code, quiet: 2, isASCII: isASCII)
    let cells = context.width >= least + 2 && rows.count >= large.height ? large : small
    let width = min(60, context.width - cells.width - 2)
    var side = Canvas(width: width, height: rows.count)
    drawText("", into: &side, row: 0, width)
    canvas.draw(side, from: 0, rows: rows)
    draw(cells, into: &canvas, row: rows.lowerBound, column: width + 2, context)
  }

  private func draw(
    _ picture: QRCells, into canvas: inout Canvas, row: Int, column: Int, _ context: Context
  ) {
    picture.draw(into: &canvas, row: row, column: column, palette: context.palette, isInverted: isInverted)
  }

  /// The secret in groups of four letters: so it can be read and typed.
  private var groups: SafeText {
    let letters = Array(secret.secret)
    return stride(from: 0, to: letters.count, by: 4).map { start in
      SafeText(String(letters[start..<min(start + 4, letters.count)]))
    }.joined(" ")
  }

  /// - Parameter note: Said in place of the words for the picture; empty beside a picture, and `nil` where none is drawn.
  private func lines(_ note: SafeText?, _ width: Int) -> [(text: SafeText, style: Style)] {
    let room = max(10, width - 3)
    func wrapped(_ text: SafeText, _ style: Style) -> [(text: SafeText, style: Style)] {
      text.string.isEmpty ? [] : text.wrapped(to: room).map { ($0, style) }
    }
    let first: SafeText =
      note?.string.isEmpty == true
      ? "Scan the QR code with an authenticator app, or enter this secret there:"
      : "Enter this secret in an authenticator app:"
    return wrapped(note ?? "", .warning) + wrapped(first, .normal) + wrapped(groups, .bold)
      + wrapped("Then write the six digits that the app shows:", .normal)
  }

  private func textHeight(_ note: SafeText?, _ width: Int) -> Int { lines(note, width).count + 2 }

  private func drawText(_ note: SafeText?, into canvas: inout Canvas, row: Int, _ width: Int) {
    var row = row
    for line in lines(note, width) {
      canvas.draw(line.text, row: row, column: 2, style: line.style)
      row += 1
    }
    _ = form.view(into: &canvas, row: row, width: width)
  }
}
