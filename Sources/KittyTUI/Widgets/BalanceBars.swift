import KittyShared

/// Balances as bars to the left and right of a common zero line. Sign, amount and words stand beside each bar, so
/// that it can be read without colours. In a narrow window the bar goes first, then the words; the name is cut.
struct BalanceBars {
  private let balances: [Balance]
  private let me: ID
  /// The largest net of each currency, which fills one half.
  private let largest: [Currency: UInt64]

  /// - Parameter me: The account of the user.
  init(_ balances: [Balance], me: ID) {
    self.balances = balances
    self.me = me
    largest = Dictionary(balances.map { ($0.currency, $0.net.magnitude) }, uniquingKeysWith: max)
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

  /// Returns the visible balances as a table: name, bar, words, amount.
  func table(_ visible: Range<Int>) -> ListTable {
    ListTable(
      columns: [
        .init(rank: 1, least: 8, most: 20, fills: true),
        .init(rank: 3, fills: true, gap: 1),
        .init(rank: 2, edge: .right),
        .init(rank: 0, edge: .right),
      ],
      rows: balances[visible].map { balance in
        let (isMe, isKitty) = (balance.account == .member(me), balance.account == .kitty)
        let style = Self.style(balance.net, isKitty: isKitty)
        // A kitty shows the amount that it holds, which is its negative net.
        let amount = Amount(isKitty ? 0 &- balance.net : balance.net, balance.currency)
        return [
          .text(isMe ? "\(balance.name) (you)" : SafeText(balance.name)),
          .bar(balance.net, largest: largest[balance.currency] ?? 0, style),
          .text(Self.words(balance.net, isMe: isMe, isKitty: isKitty), style),
          .amount(amount, isSigned: !isKitty, style),
        ]
      })
  }
}
