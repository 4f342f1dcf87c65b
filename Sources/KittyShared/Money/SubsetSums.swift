/// The sums of all subsets of up to 62 amounts, from the sums of the subsets of two halves: for 20 amounts 16 KiB instead of
/// 8 MiB. Sums wrap around: those of the subsets of amounts that fit a plan do not.
struct SubsetSums {
  private let low: [Int64]
  private let high: [Int64]
  private let bits: Int

  init(_ amounts: [Int64]) {
    bits = amounts.count / 2
    low = Self.sums(amounts[..<bits])
    high = Self.sums(amounts[bits...])
  }

  private static func sums(_ amounts: ArraySlice<Int64>) -> [Int64] {
    amounts.reduce(into: [0]) { sums, amount in sums += sums.map { $0 &+ amount } }
  }

  /// The sum of the amounts whose bits are set.
  subscript(mask: Int) -> Int64 { low[mask & (low.count - 1)] &+ high[mask >> bits] }
}
