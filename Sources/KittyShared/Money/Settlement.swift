/// The payments that settle all debts.
package enum Settlement {
  /// One account's net in one currency: positive is owed to it.
  package struct Net: Hashable, Sendable {
    /// The account.
    package let account: ID
    /// Minor units.
    package let amount: Int64

    package init(_ account: ID, _ amount: Int64) {
      self.account = account
      self.amount = amount
    }
  }

  /// One payment of a plan.
  package struct Payment: Hashable, Sendable {
    /// The payer.
    package let from: ID
    /// The receiver.
    package let to: ID
    /// Minor units, more than zero.
    package let amount: Int64
  }

  /// Payments that settle all debts.
  package struct Plan: Hashable, Sendable {
    /// At most one less than there are unsettled accounts, but for payments that are cut at `Amount.limit`.
    package let payments: [Payment]
    /// True if no plan has fewer payments.
    package let isFewest: Bool
  }

  /// The largest number of unsettled accounts for which the fewest payments are found.
  package static let exactLimit = 20

  /// Returns the plan with the fewest payments, up to `exactLimit` unsettled accounts; above it a plan of at most
  /// n - 1 payments, see `Settlement+Many.swift`.
  ///
  /// The fewest payments are n minus the largest number of groups, each adding up to zero, into which the
  /// accounts can be divided. Source: Tom Verhoeff, "Settling Multiple Debts Efficiently" (Informatics in
  /// Education, 2004). Dynamic programming over subsets: O(2^n · n) for n ≤ 20, O(n²) above.
  ///
  /// Among all plans with the fewest payments it is the one in which the sum of amount × weight(payer) ×
  /// weight(receiver) is largest, the weights being hashes of the ids. The value of a payment depends on
  /// nothing else, so the remaining payments of the best plan are the best remaining plan: carried out in any order,
  /// the plan is stable. Within one group the largest sum comes from going through payers and
  /// receivers in the order of their weights (the product has the Monge property; source: A. J. Hoffman,
  /// "On simple linear programming problems", 1963).
  /// - Parameter nets: Each account once; they add up to zero.
  /// - Throws: `Amount.Failure.overflow` when amounts leave the range of 62 bits.
  package static func plan(for nets: [Net]) throws(Amount.Failure) -> Plan {
    let open = nets.filter { $0.amount != 0 }.sorted { $0.account < $1.account }
    for net in open where net.amount.magnitude > 1 << 62 { throw .overflow }
    var best: [Payment]?
    for beginning in beginnings(open) where best.map({ beginning.fewest < $0.count }) ?? true {
      let payments = beginning.payments + groups(of: beginning.rest).flatMap(chain)
      if best.map({ payments.count < $0.count }) ?? true { best = payments }
    }
    return Plan(payments: accepted(best ?? []), isFewest: open.count <= exactLimit)
  }

  /// Returns the plan in which all accounts pay to or receive from one account.
  package static func plan(for nets: [Net], centre: ID) throws(Amount.Failure) -> Plan {
    var payments: [Payment] = []
    for net in nets.sorted(by: { $0.account < $1.account }) where net.account != centre && net.amount != 0 {
      guard net.amount != .min else { throw .overflow }
      payments.append(
        net.amount < 0
          ? Payment(from: net.account, to: centre, amount: -net.amount)
          : Payment(from: centre, to: net.account, amount: net.amount))
    }
    return Plan(payments: accepted(payments), isFewest: payments.count <= 1)
  }

  /// Returns the payments with those above `Amount.limit` cut into several: an entry takes no larger amount.
  private static func accepted(_ payments: [Payment]) -> [Payment] {
    payments.flatMap { payment in
      stride(from: 0, to: payment.amount, by: Int64.Stride(Amount.limit)).map { paid in
        Payment(from: payment.from, to: payment.to, amount: min(payment.amount - paid, Amount.limit))
      }
    }
  }

  /// Returns the weight of an account: 31 bits, the same in every plan.
  static func weight(_ account: ID) -> Int128 { Int128(rank(of: account, in: .first) >> 33) }

  private static func inOrderOfWeights(_ nets: [Net]) -> [Net] {
    nets.map { (weight($0.account), $0) }.sorted { ($0.0, $0.1.account) < ($1.0, $1.1.account) }.map(\.1)
  }

  /// The sum of amount × weight(payer) × weight(receiver) over the payments of `chain`, for subsets of accounts.
  private struct ChainValue {
    private let nets: [(amount: Int64, weight: Int128)]
    private let payers: Int

    /// - Parameter nets: The accounts in the order of their weights.
    init(_ nets: [Net]) {
      self.nets = nets.map { (Int64($0.amount.magnitude), weight($0.account)) }
      payers = nets.indices.reduce(0) { $0 | (nets[$1].amount < 0 ? 1 << $1 : 0) }
    }

    subscript(mask: Int) -> Int128 {
      var (paying, receiving) = (mask & payers, mask & ~payers)
      var (owes, due): (Int64, Int64) = (0, 0)
      var (payer, receiver) = (0, 0)
      var sum: Int128 = 0
      while true {
        if owes == 0 {
          guard paying != 0 else { return sum }
          payer = paying.trailingZeroBitCount
          paying &= paying - 1
          owes = nets[payer].amount
        }
        if due == 0 {
          guard receiving != 0 else { return sum }
          receiver = receiving.trailingZeroBitCount
          receiving &= receiving - 1
          due = nets[receiver].amount
        }
        let amount = min(owes, due)
        sum += Int128(amount) * nets[payer].weight * nets[receiver].weight
        owes -= amount
        due -= amount
      }
    }
  }

  /// Pairs payers and receivers in the order of their weights until all are settled: at most n - 1 payments. A payment that is carried out changes no other payment.
  static func chain(_ nets: [Net]) -> [Payment] {
    let payers = inOrderOfWeights(nets.filter { $0.amount < 0 })
    let receivers = inOrderOfWeights(nets.filter { $0.amount > 0 })
    var payments: [Payment] = []
    var (payer, receiver) = (0, 0)
    var owes = payers.first.map { -$0.amount } ?? 0
    var due = receivers.first?.amount ?? 0
    while payer < payers.count, receiver < receivers.count {
      let amount = min(owes, due)
      payments.append(
        Payment(from: payers[payer].account, to: receivers[receiver].account, amount: amount))
      owes -= amount
      due -= amount
      if owes == 0 {
        payer += 1
        if payer < payers.count { owes = -payers[payer].amount }
      }
      if due == 0 {
        receiver += 1
        if receiver < receivers.count { due = receivers[receiver].amount }
      }
    }
    return payments
  }

  /// Divides the accounts into as many groups that add up to zero as there can be.
  private static func groups(of nets: [Net]) -> [[Net]] {
    guard nets.count > 1 else { return [] }
    // In this order the payments of a subset need no sorting.
    let nets = inOrderOfWeights(nets)
    let full = (1 << nets.count) - 1
    let sums = SubsetSums(nets.map(\.amount))
    // Into how many groups that add up to zero each subset can be divided at most.
    var counts = [Int8](repeating: 0, count: full + 1)
    for mask in 1...full {
      var best: Int8 = 0
      var rest = mask
      while rest != 0 {
        best = max(best, counts[mask & ~(rest & -rest)])
        rest &= rest - 1
      }
      counts[mask] = sums[mask] == 0 ? best + 1 : best
    }
    // Those that cannot be divided further, by their lowest account: only such appear in the best plan.
    var primes = [[Int]](repeating: [], count: nets.count)
    for mask in 1...full where sums[mask] == 0 && counts[mask] == 1 {
      primes[mask.trailingZeroBitCount].append(mask)
    }
    var best: [Int: (value: Int128, first: Int)] = [:]
    var values: [Int: Int128] = [:]
    func members(_ mask: Int) -> [Net] { nets.indices.filter { mask & (1 << $0) != 0 }.map { nets[$0] } }
    let worth = ChainValue(nets)
    func value(_ prime: Int) -> Int128 {
      if let known = values[prime] { return known }
      let value = worth[prime]
      values[prime] = value
      return value
    }
    func solve(_ mask: Int) -> Int128 {
      guard mask != 0 else { return 0 }
      if let known = best[mask] { return known.value }
      var found: (value: Int128, first: Int) = (-1, mask)
      for prime in primes[mask.trailingZeroBitCount]
      where prime & ~mask == 0 && counts[mask & ~prime] == counts[mask] - 1 {
        let total = value(prime) + solve(mask & ~prime)
        if total > found.value { found = (total, prime) }
      }
      best[mask] = found
      return found.value
    }
    _ = solve(full)
    var groups: [[Net]] = []
    var mask = full
    while mask != 0, let first = best[mask]?.first {
      groups.append(members(first))
      mask &= ~first
    }
    return groups
  }
}
