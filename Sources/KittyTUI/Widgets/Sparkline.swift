/// Amounts as a line of blocks, one for each, from `▁` for nothing to `▇` for the largest. Its scale stands beside it.
enum Sparkline {
  // No full block: without eighths a terminal shows it as `#`, like a bar.
  private static let blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇"]

  /// The block of the largest amount.
  static let highest: SafeText = "▇"

  static func text(_ amounts: [Int64]) -> SafeText {
    let largest = UInt64(max(0, amounts.max() ?? 0))
    return SafeText(amounts.map { blocks[level($0, largest)] }.joined())
  }

  /// Returns the number of a block. Any amount above zero has more than the lowest.
  private static func level(_ amount: Int64, _ largest: UInt64) -> Int {
    guard amount > 0, largest > 0 else { return 0 }
    let steps = UInt64(blocks.count - 1)
    let scaled = largest.dividingFullWidth(UInt64(amount).multipliedFullWidth(by: steps)).quotient
    return max(1, min(blocks.count - 1, Int(scaled)))
  }
}
