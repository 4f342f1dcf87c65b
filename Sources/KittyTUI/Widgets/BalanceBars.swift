import KittyShared

/// Balances as bars to the left and right of a common zero line. Sign, amount and words stand beside each bar, so
/// that it can be read without colours.
enum BalanceBars {
  struct Bar: Hashable, Sendable {
    let name: SafeText
    let net: Amount
    /// The text at the end instead of the signed net.
    var amount: SafeText?
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

  /// Draws the balance of one account.
  static func draw(
    _ balance: Balance, isMe: Bool, largest: UInt64, row: Int, columns: Range<Int>, nameWidth: Int,
    into canvas: inout Canvas
  ) {
    let isKitty = balance.account == .kitty
    // A kitty shows the amount that it holds, which is its negative net.
    let held = Amount(isKitty ? 0 &- balance.net : balance.net, balance.currency)
    draw(
      .init(
        name: isMe ? "\(balance.name) (you)" : SafeText(balance.name),
        net: Amount(balance.net, balance.currency),
        amount: isKitty ? "\(held.text()) \(held.currency.code)" : nil),
      words: words(balance.net, isMe: isMe, isKitty: isKitty), largest: largest, row: row, columns: columns,
      nameWidth: nameWidth, into: &canvas)
  }

  /// Draws one line: name, bar, words, amount.
  static func draw(
    _ line: Bar, words: SafeText, largest: UInt64, row: Int, columns: Range<Int>, nameWidth: Int,
    into canvas: inout Canvas
  ) {
    let net = line.net
    let style: Style = net.minorUnits > 0 ? .positive : net.minorUnits < 0 ? .negative : .muted
    canvas.draw(line.name, row: row, column: columns.lowerBound, width: nameWidth)
    let amount: SafeText = line.amount ?? "\(signed(net)) \(net.currency.code)"
    canvas.draw(amount, row: row, endingAt: columns.upperBound, style: style)
    let wordsEnd = columns.upperBound - max(15, amount.width + 2)
    canvas.draw(words, row: row, endingAt: wordsEnd, style: style)
    let barStart = columns.lowerBound + nameWidth + 1
    let half = (wordsEnd - 14 - barStart - 1) / 2
    guard half >= 3 else { return }
    let zero = barStart + half
    let length = cells(net.minorUnits, largest: largest, half: half)
    canvas.draw("│", row: row, column: zero, style: .muted)
    for offset in 0..<length {
      canvas.draw(
        "█", row: row, column: net.minorUnits < 0 ? zero - 1 - offset : zero + 1 + offset, style: style)
    }
  }
}
