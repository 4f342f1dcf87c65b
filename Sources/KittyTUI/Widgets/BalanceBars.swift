import KittyShared

/// Balances as bars to the left and right of a common zero line. Sign, amount and words stand beside each bar, so
/// that it can be read without colours. In a narrow window the bar goes first, then the words; the name is cut.
struct BalanceBars {
  private let lines: [Line]
  private let widths: (name: Int, words: Int, amount: Int)
  /// The largest net of each currency, which fills one half.
  private let largest: [Currency: UInt64]

  private struct Line {
    let name: SafeText
    let net: Amount
    let words: SafeText
    let amount: SafeText
    let style: Style
  }

  /// - Parameter me: The account of the user.
  init(_ balances: [Balance], me: ID) {
    lines = balances.map { balance in
      let (isMe, isKitty) = (balance.account == .member(me), balance.account == .kitty)
      let net = Amount(balance.net, balance.currency)
      // A kitty shows the amount that it holds, which is its negative net.
      let held = Amount(0 &- balance.net, balance.currency)
      return Line(
        name: isMe ? "\(balance.name) (you)" : SafeText(balance.name), net: net,
        words: Self.words(balance.net, isMe: isMe, isKitty: isKitty),
        amount: "\(isKitty ? SafeText(held.text()) : Self.signed(net)) \(net.currency.code)",
        style: Self.style(balance.net, isKitty: isKitty))
    }
    widths = (
      min(20, lines.map(\.name.width).max() ?? 0), lines.map(\.words.width).max() ?? 0,
      lines.map(\.amount.width).max() ?? 0
    )
    largest = Dictionary(lines.map { ($0.net.currency, $0.net.minorUnits.magnitude) }, uniquingKeysWith: max)
  }

  /// Returns the meaning of a net, in words.
  static func words(_ net: Int64, isMe: Bool, isKitty: Bool = false) -> SafeText {
    if isKitty { return net == 0 ? "is empty" : net < 0 ? "holds" : "is short" }
    return switch net {
    case 0: "settled"
    case 1...: isMe ? "you are owed" : "is owed"
    default: isMe ? "you owe" : "owes"
    }
  }

  /// Returns the amount with its sign: `+66.67`, `-33.33`, `0.00`.
  static func signed(_ net: Amount) -> SafeText {
    net.minorUnits > 0 ? "+\(net.text())" : "\(net.text())"
  }

  /// Returns the length of a bar in cells. A net of `largest` fills one half; any net except zero has at least one
  /// cell.
  static func cells(_ net: Int64, largest: UInt64, half: Int) -> Int {
    guard net != 0, largest >= net.magnitude, half > 0 else { return 0 }
    let scaled = largest.dividingFullWidth(net.magnitude.multipliedFullWidth(by: UInt64(half))).quotient
    return max(1, min(half, Int(scaled)))
  }

  /// Returns the style of a net. The money of a kitty is neither owed to a person nor by one.
  static func style(_ net: Int64, isKitty: Bool = false) -> Style {
    if isKitty { return .normal }
    return net > 0 ? .positive : net < 0 ? .negative : .muted
  }

  /// Draws the line at `index`: name, bar, words, amount.
  func draw(_ index: Int, row: Int, columns: Range<Int>, into canvas: inout Canvas) {
    let line = lines[index]
    let layout = Row(
      left: [.cut(line.name.fitted(to: widths.name), rank: 1, least: 8, column: widths.name)],
      right: [
        .whole(line.words, rank: 2, column: widths.words, line.style),
        .whole(line.amount, rank: 0, column: widths.amount, line.style),
      ]
    ).draw(into: &canvas, row: row, columns: columns)
    let half = (layout.free.count - 1) / 2
    guard half >= 3, layout.right[0] != nil else { return }
    let net = line.net.minorUnits
    let zero = layout.free.lowerBound + half
    canvas.draw("│", row: row, column: zero, style: .muted)
    for offset in 0..<Self.cells(net, largest: largest[line.net.currency] ?? 0, half: half) {
      canvas.draw("█", row: row, column: net < 0 ? zero - 1 - offset : zero + 1 + offset, style: line.style)
    }
  }
}
