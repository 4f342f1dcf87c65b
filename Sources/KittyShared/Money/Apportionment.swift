/// Division of minor units in proportion to weights, without a remainder.
package enum Apportionment {
  /// Divides `amount` minor units in proportion to `weights`: the parts add up to it exactly.
  ///
  /// Each part is within one minor unit of the exact fraction. Leftover units go to the largest
  /// remainders; ties are broken by an order that `seed`, the entry's id, shuffles, so that over many
  /// entries no member always pays the extra cent, and every machine computes the same. A negative amount
  /// gives the mirror image of its positive one. O(n log n).
  ///
  /// Source: the largest-remainder (Hamilton) method of apportionment.
  /// - Parameters:
  ///   - amount: Any amount but `Int64.min`, which has no opposite.
  ///   - weights: The participants with their weights, which add up to more than zero and less than
  ///     2^128, as `Split` ensures.
  package static func parts(of amount: Int64, weights: [(id: ID, weight: UInt128)], seed: ID) -> [Int64] {
    let total = weights.reduce(0) { $0 + $1.weight }
    let magnitude = UInt128(amount.magnitude)
    guard total > 0 else { return weights.map { _ in 0 } }
    var parts: [(amount: UInt128, remainder: UInt128)] = []
    parts.reserveCapacity(weights.count)
    var assigned: UInt128 = 0
    for (_, weight) in weights {
      // The product has 256 bits, so no amount and weight can overflow it.
      let (part, remainder) = total.dividingFullWidth(magnitude.multipliedFullWidth(by: weight))
      parts.append((part, remainder))
      assigned += part
    }
    if assigned < magnitude {
      let ranks = weights.map { rank(of: $0.id, in: seed) }
      let byClaim = parts.indices.sorted {
        (parts[$1].remainder, ranks[$0], weights[$0].id) < (parts[$0].remainder, ranks[$1], weights[$1].id)
      }
      for index in byClaim.prefix(Int(magnitude - assigned)) { parts[index].amount += 1 }
    }
    return parts.map { amount < 0 ? -Int64($0.amount) : Int64($0.amount) }
  }
}
