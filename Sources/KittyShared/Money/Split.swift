/// How an amount is divided among the members who share it. Both ends use this very code: the preview in
/// a client is what the server stores.
public enum Split: Hashable, Sendable {
  /// Each participant bears the same part.
  case equally([ID])

  /// Why a split cannot be made.
  public enum Failure: Error, Equatable {
    /// There is nobody to bear the amount.
    case nobody
    /// A participant is named twice.
    case twice(ID)
    /// The amount has no opposite in 64 bits.
    case overflow
  }

  /// One member's part.
  public struct Share: Hashable, Sendable, Codable {
    /// Who bears it.
    public let member: ID
    /// Minor units, with the sign of the amount that was split.
    public let amount: Int64

    /// Makes a share.
    public init(member: ID, amount: Int64) {
      self.member = member
      self.amount = amount
    }
  }

  /// Divides `amount` minor units into shares that add up to it exactly, in the order of the participants.
  ///
  /// Each share is within one minor unit of the exact fraction. Leftover units go to the largest
  /// remainders; ties are broken by an order that `seed`, the entry's id, shuffles, so that over many
  /// entries nobody always pays the extra cent, and every machine computes the same. A negative amount
  /// gives the mirror image of its positive one. O(n log n).
  ///
  /// Source: the largest-remainder (Hamilton) method of apportionment.
  /// - Throws: `Failure`.
  public func shares(of amount: Int64, seed: ID) throws(Failure) -> [Share] {
    let weights = try weights()
    guard amount != .min else { throw .overflow }
    let total = weights.reduce(0) { $0 + $1.weight }
    guard total > 0 else { throw .nobody }
    let magnitude = amount.magnitude

    var parts: [(amount: UInt64, remainder: UInt64)] = []
    var assigned: UInt64 = 0
    for (_, weight) in weights {
      // The product has 128 bits, so no amount and weight can overflow it.
      let (part, remainder) = total.dividingFullWidth(magnitude.multipliedFullWidth(by: weight))
      parts.append((part, remainder))
      assigned += part
    }
    let ranks = weights.map { rank(of: $0.member, in: seed) }
    let byClaim = parts.indices.sorted {
      (parts[$1].remainder, ranks[$0], weights[$0].member)
        < (parts[$0].remainder, ranks[$1], weights[$1].member)
    }
    for index in byClaim.prefix(Int(magnitude - assigned)) { parts[index].amount += 1 }
    let sign: Int64 = amount < 0 ? -1 : 1
    return zip(weights, parts).map { Share(member: $0.member, amount: sign * Int64($1.amount)) }
  }

  private func weights() throws(Failure) -> [(member: ID, weight: UInt64)] {
    switch self {
    case .equally(let members):
      var seen: Set<ID> = []
      for member in members where !seen.insert(member).inserted { throw .twice(member) }
      return members.map { ($0, 1) }
    }
  }
}

/// A number that depends on nothing but the two ids: stable over machines and versions, unlike `Hasher`.
/// Source: the 64-bit finaliser of MurmurHash3 (Austin Appleby), chained over the four words.
private func rank(of member: ID, in seed: ID) -> UInt64 {
  func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
    mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return mixed ^ (mixed >> 33)
  }
  return mix(member.low ^ mix(member.high ^ mix(seed.low ^ mix(seed.high))))
}
