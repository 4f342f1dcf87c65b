/// The division of an amount among the members who share it. Client and server use the same code: the preview in
/// a client is what the server stores.
///
/// With every method a split is a set of weights: `shares(of:)` computes them exactly, as whole numbers, and
/// `Apportionment` divides by them. So each share is within one minor unit of the exact fraction.
package enum Split: Hashable, Sendable {
  /// The same share for each participant.
  case equally([ID])
  /// In proportion to weights of 0 or more: a couple 2, a child 1, an absent member 0.
  case shares([Part])
  /// By percentages, in hundredths of a percent; together exactly 10000.
  case percentages([Part])
  /// By exact amounts in minor units; together exactly the total.
  case exact([Part])
  /// Equally, after each has been given an adjustment in minor units: "the same for all, and Anna 5 more".
  case adjusted([Part])
  /// A receipt: each item is shared equally by some members; the additions to and deductions from the sum of the
  /// items, in all `extras` minor units (tax + tip - discount), is spread in proportion. An item of the other sign, such
  /// as a returned deposit or a voucher, lowers the shares of its members.
  case items([Item], extras: Int64)

  /// One member with the value for the method.
  package struct Part: Hashable, Sendable {
    /// The member.
    package let member: ID
    /// A weight, hundredths of a percent or minor units, as the method has it.
    package let value: Int64

    /// Makes a part.
    package init(_ member: ID, _ value: Int64) {
      self.member = member
      self.value = value
    }
  }

  /// One line of a receipt.
  package struct Item: Hashable, Sendable {
    /// Minor units.
    package let amount: Int64
    /// The members who share it equally.
    package let members: [ID]

    /// Makes an item.
    package init(_ amount: Int64, _ members: [ID]) {
      self.amount = amount
      self.members = members
    }
  }

  /// One member's part.
  package struct Share: Hashable, Sendable, Codable {
    /// The member.
    package let member: ID
    /// Minor units, with the sign of the amount that was split.
    package let amount: Int64

    /// Makes a share.
    package init(member: ID, amount: Int64) {
      self.member = member
      self.amount = amount
    }
  }

  /// An error that makes a split impossible.
  package enum Failure: Error, Equatable {
    /// There are no participants, in the item of this index if given.
    case noParticipants(item: Int?)
    /// A participant is named twice, in the item of this index if given.
    case twice(ID, item: Int?)
    /// The weights are all zero.
    case noWeight
    /// A weight or percentage is below zero, or an amount has another sign than the total.
    case wrongSign(part: Int)
    /// The percentages add up to this many hundredths instead of 10000.
    case notHundredPercent(Int64)
    /// The parts do not add up: this much is missing, or too much if negative. Minor units.
    case notTheTotal(missing: Int64)
    /// With the adjustments, or with items of the other sign, this member's share would have another sign than the total.
    case belowZero(ID)
    /// The numbers do not fit the arithmetic.
    case overflow
  }

  /// Divides `amount` minor units into shares that add up to it exactly, in the order of the participants.
  ///
  /// `Apportionment` decides which member bears a leftover unit.
  /// - Parameters:
  ///   - amount: The total to which the parts of the split refer.
  ///   - booked: The divided amount, if it is not `amount` itself: its worth in another currency.
  ///   - seed: The entry's id.
  /// - Throws: `Failure`.
  package func shares(of amount: Int64, booked: Int64? = nil, seed: ID) throws(Failure) -> [Share] {
    let booked = booked ?? amount
    guard amount != .min, booked != .min else { throw .overflow }
    let weights = try weights(of: amount)
    let parts = Apportionment.parts(of: booked, weights: weights, seed: seed)
    return zip(weights, parts).map { Share(member: $0.id, amount: $1) }
  }

  /// Returns the exact proportions, as whole numbers.
  func weights(of amount: Int64) throws(Failure) -> [(id: ID, weight: UInt128)] {
    switch self {
    case .equally(let members):
      try Self.distinct(members)
      return members.map { ($0, 1) }
    case .shares(let parts):
      try Self.distinct(parts.map(\.member))
      let weights = try Self.magnitudes(parts, sign: 1)
      guard weights.contains(where: { $0.weight > 0 }) else { throw .noWeight }
      return weights
    case .percentages(let parts):
      try Self.distinct(parts.map(\.member))
      let weights = try Self.magnitudes(parts, sign: 1)
      let sum = try Self.sum(parts.map(\.value))
      guard sum == 10_000 else { throw .notHundredPercent(sum) }
      return weights
    case .exact(let parts):
      try Self.distinct(parts.map(\.member))
      try Self.require(try Self.sum(parts.map(\.value)), toBe: amount)
      return try Self.magnitudes(parts, sign: amount.signum())
    case .adjusted(let parts): return try Self.adjusted(parts, amount)
    case .items(let items, let extras): return try Self.itemised(items, extras, amount)
    }
  }

  /// A share is rest / n + adjustment, so its weight is rest + n × adjustment.
  private static func adjusted(
    _ parts: [Part], _ amount: Int64
  ) throws(Failure) -> [(id: ID, weight: UInt128)] {
    try distinct(parts.map(\.member))
    let (rest, overflow) = amount.subtractingReportingOverflow(try sum(parts.map(\.value)))
    guard !overflow else { throw .overflow }
    let sign = Int128(amount.signum())
    var weights: [(id: ID, weight: UInt128)] = []
    for part in parts {
      let weight = (Int128(rest) + Int128(parts.count) * Int128(part.value)) * sign
      guard weight >= 0 else { throw .belowZero(part.member) }
      weights.append((part.member, UInt128(weight)))
    }
    return weights
  }

  /// A member's part of the items is a sum of fractions with the numbers of sharers below; over their least
  /// common multiple they are whole.
  private static func itemised(
    _ items: [Item], _ extras: Int64, _ amount: Int64
  ) throws(Failure) -> [(id: ID, weight: UInt128)] {
    guard !items.isEmpty else { throw .noParticipants(item: nil) }
    var multiple: UInt128 = 1
    for (index, item) in items.enumerated() {
      try distinct(item.members, item: index)
      guard item.amount != 0 else { throw .wrongSign(part: index) }
      let count = UInt128(item.members.count)
      let (next, overflow) = (multiple / greatestCommonDivisor(multiple, count))
        .multipliedReportingOverflow(by: count)
      guard !overflow else { throw .overflow }
      multiple = next
    }
    let (whole, overflow) = try sum(items.map(\.amount)).addingReportingOverflow(extras)
    guard !overflow else { throw .overflow }
    try require(whole, toBe: amount)
    // The weights of one sign together are at most the magnitudes of the items times the multiple.
    let (_, tooLarge) = items.reduce(UInt128(0)) { $0 + UInt128($1.amount.magnitude) }
      .multipliedReportingOverflow(by: multiple)
    guard !tooLarge else { throw .overflow }
    var sums: [(id: ID, added: UInt128, taken: UInt128)] = []
    var places: [ID: Int] = [:]
    for item in items {
      let each = UInt128(item.amount.magnitude) * (multiple / UInt128(item.members.count))
      for member in item.members {
        let place = places[member] ?? sums.count
        if place == sums.count {
          places[member] = place
          sums.append((member, 0, 0))
        }
        if item.amount.signum() == amount.signum() {
          sums[place].added += each
        } else {
          sums[place].taken += each
        }
      }
    }
    for sum in sums where sum.taken > sum.added { throw .belowZero(sum.id) }
    let weights = sums.map { (id: $0.id, weight: $0.added - $0.taken) }
    guard weights.contains(where: { $0.weight > 0 }) else { throw .noWeight }
    return weights
  }

  private static func distinct(_ members: [ID], item: Int? = nil) throws(Failure) {
    guard !members.isEmpty else { throw .noParticipants(item: item) }
    var seen: Set<ID> = []
    for member in members where !seen.insert(member).inserted { throw .twice(member, item: item) }
  }

  private static func magnitudes(
    _ parts: [Part], sign: Int64
  ) throws(Failure) -> [(id: ID, weight: UInt128)] {
    var weights: [(id: ID, weight: UInt128)] = []
    for (index, part) in parts.enumerated() {
      guard part.value == 0 || part.value.signum() == sign else { throw .wrongSign(part: index) }
      weights.append((part.member, UInt128(part.value.magnitude)))
    }
    return weights
  }

  private static func sum(_ values: [Int64]) throws(Failure) -> Int64 {
    var sum: Int64 = 0
    for value in values {
      let (next, overflow) = sum.addingReportingOverflow(value)
      guard !overflow else { throw .overflow }
      sum = next
    }
    return sum
  }

  private static func require(_ sum: Int64, toBe amount: Int64) throws(Failure) {
    let (missing, overflow) = amount.subtractingReportingOverflow(sum)
    guard !overflow else { throw .overflow }
    guard missing == 0 else { throw .notTheTotal(missing: missing) }
  }

  /// Source: Euclid, Elements, book VII.
  private static func greatestCommonDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }
}
