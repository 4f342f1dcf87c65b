/// The division of the same amount by the same weights, again and again, without drift: after every turn the sum of each
/// member's parts is within one minor unit of the exact sum, and each part is one of the two whole numbers around its
/// exact fraction. `Apportionment` alone would give the odd unit of a fixed amount by unequal weights to the same member
/// each time.
///
/// In each turn the odd units go to those who must have theirs soonest. Each member's next unit has a first turn, before
/// which it would be too early, and a last turn, after which it would be too late.
///
/// Source: the chairman assignment problem (Tijdeman, 1980) with several units a turn is proportionate fair scheduling;
/// the order is PD² (Anderson, Srinivasan, 2001), which meets every last turn. Ties beyond it are broken by a hash.
///
/// After as many turns as the least common denominator of all fractions each member has exactly their part, and the series
/// begins again. A longer one begins again after `maxCycle` turns, so that no number of turns is too much to go through.
package struct FairSeries: Hashable, Sendable {
  /// A word for the amount and the weights. Another one is another series.
  package let key: String
  /// The number of turns so far.
  package private(set) var turns: Int64 = 0

  private let isNegative: Bool
  /// The whole units of each member in each turn.
  private let whole: [Int64]
  /// The members with a fraction beside them.
  private var claims: [Claim] = []
  /// The denominator of all fractions.
  private let total: UInt128
  /// The number of odd units in each turn.
  private let odd: Int
  /// The number of turns after which the series begins again.
  private let cycle: Int64

  /// The most turns before a series begins again: those of 27 years of days.
  package static let maxCycle: Int64 = 10_000

  private struct Claim: Hashable {
    let place: Int
    /// The numerator of the fraction: less than the denominator.
    let part: UInt128
    let rank: UInt64
    let id: ID
    /// The odd units so far.
    var units: UInt128 = 0
  }

  /// Makes a series before its first turn.
  /// - Parameters:
  ///   - amount: Any amount but `Int64.min`.
  ///   - weights: The members with their weights, as for `Apportionment`.
  ///   - seed: The id of the rule, for ties.
  /// - Returns: `nil` for weights that are too large for the arithmetic.
  package init?(amount: Int64, weights: [(id: ID, weight: UInt128)], seed: ID) {
    let total = weights.reduce(0) { $0 + $1.weight }
    guard total > 0, total <= UInt128(Int64.max) else { return nil }
    self.total = total
    isNegative = amount < 0
    var (whole, assigned) = ([Int64](), UInt128(0))
    var hash = amount.magnitude &* 2 &+ (amount < 0 ? 1 : 0)
    for (place, (id, weight)) in weights.enumerated() {
      let (part, remainder) = (UInt128(amount.magnitude) * weight).quotientAndRemainder(dividingBy: total)
      whole.append(Int64(part))
      assigned += part
      if remainder > 0 {
        claims.append(Claim(place: place, part: remainder, rank: rank(of: id, in: seed), id: id))
      }
      hash = rank(of: id, in: ID(high: hash, low: UInt64(weight)))
    }
    self.whole = whole
    odd = Int(UInt128(amount.magnitude) - assigned)
    let period = total / claims.reduce(total) { Self.greatestDivisor($0, $1.part) }
    cycle = Int64(min(period, UInt128(Self.maxCycle)))
    key = String(hash, radix: 16)
  }

  /// Returns the parts of the next turn, in the order of the weights. O(members log members).
  package mutating func next() -> [Int64] {
    let now = UInt128(turns % cycle) + 1
    turns += 1
    var due: [(claim: Int, urgency: Urgency)] = []
    for (index, claim) in claims.enumerated() {
      // The unit with the number n + 1 is too early before this turn.
      guard claim.units * total / claim.part + 1 <= now else { continue }
      due.append((index, urgency(of: claim)))
    }
    due.sort { $0.urgency < $1.urgency }
    var parts = whole
    for (index, _) in due.prefix(odd) {
      claims[index].units += 1
      parts[claims[index].place] += 1
    }
    if turns % cycle == 0 { begin() }
    return isNegative ? parts.map { -$0 } : parts
  }

  /// Takes turns until there were `count` of them. O(members log members) for each of at most `maxCycle` turns.
  package mutating func advance(to count: Int64) {
    let start = count - count % cycle
    if start > turns {
      turns = start
      begin()
    }
    while turns < count { _ = next() }
  }

  /// Takes back all odd units: the next turn is like the first one.
  private mutating func begin() {
    for index in claims.indices { claims[index].units = 0 }
  }

  private static func greatestDivisor(_ first: UInt128, _ second: UInt128) -> UInt128 {
    var (first, second) = (first, second)
    while second != 0 { (first, second) = (second, first % second) }
    return first
  }

  /// The place of a unit in the order of a turn; the most urgent is the least.
  private struct Urgency: Comparable {
    /// The last turn in which the unit is not too late.
    let deadline: UInt128
    /// 1 when the next unit of the member may come in that very turn.
    let overlap: Int
    /// The end of a row of units that each must take one of two turns.
    let group: UInt128
    let rank: UInt64
    let id: ID

    static func < (left: Urgency, right: Urgency) -> Bool {
      if left.deadline != right.deadline { return left.deadline < right.deadline }
      if left.overlap != right.overlap { return left.overlap > right.overlap }
      if left.group != right.group { return left.group > right.group }
      return (left.rank, left.id) < (right.rank, right.id)
    }
  }

  private func urgency(of claim: Claim) -> Urgency {
    let (turn, rest) = ((claim.units + 1) * total).quotientAndRemainder(dividingBy: claim.part)
    let deadline = rest == 0 ? turn : turn + 1
    var group: UInt128 = 0
    if rest != 0, claim.part * 2 >= total {
      // Between the units of a member with a large fraction are turns without one: the next of them ends the row.
      let free = total - claim.part
      let gaps = Self.dividedUp(deadline * free, total)
      group = Self.dividedUp(gaps * total, free)
    }
    return Urgency(
      deadline: deadline, overlap: rest == 0 ? 0 : 1, group: group, rank: claim.rank, id: claim.id)
  }

  private static func dividedUp(_ value: UInt128, _ divisor: UInt128) -> UInt128 {
    (value + divisor - 1) / divisor
  }
}
