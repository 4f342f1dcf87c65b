import KittyShared

/// Amounts as entered, from which the parts of a booked amount follow: of payers or of categories.
struct EnteredParts {
  /// The keys of the parts, in their order.
  let ids: [ID]
  /// The id that decides who has a leftover unit.
  let seed: ID

  /// Returns the parts of an amount by weights.
  func parts(of amount: Int64, by weights: [UInt128]) -> [Int64] {
    Apportionment.parts(of: amount, weights: zip(ids, weights).map { (id: $0, weight: $1) }, seed: seed)
  }

  /// Returns amounts as entered from which the wished parts of the booked amount follow: so refunds of the whole leave
  /// nothing in any part. Where the entered currency is too coarse, the nearest ones.
  /// - Parameters:
  ///   - amount: The sum as entered.
  ///   - booked: The sum as booked, with the same sign.
  ///   - first: The amounts if others are no nearer.
  func nearest(to wished: [Int64], amount: Int64, booked: Int64, first: [Int64]) -> [Int64] {
    func differences(_ parts: [Int64]) -> [Int64] {
      zip(self.parts(of: booked, by: parts.map { UInt128($0.magnitude) }), wished).map {
        ($0 - $1) * amount.signum()
      }
    }
    func distance(_ differences: [Int64]) -> UInt64 { differences.reduce(0) { $0 + $1.magnitude } }
    var (best, least) = (first, distance(differences(first)))
    var parts = parts(of: amount, by: wished.map { UInt128($0.magnitude) })
    for _ in 0...(2 * ids.count) where least > 0 {
      let differences = differences(parts)
      if distance(differences) < least { (best, least) = (parts, distance(differences)) }
      // A unit goes from the part with the most too much to the one with the most too little.
      let filled = parts.indices.filter { parts[$0] != 0 }
      guard let most = filled.max(by: { differences[$0] < differences[$1] }),
        let fewest = parts.indices.min(by: { differences[$0] < differences[$1] }), most != fewest
      else { break }
      parts[most] -= amount.signum()
      parts[fewest] += amount.signum()
    }
    return best
  }
}
