extension Settlement {
  /// An account that owes or is owed, without the sign.
  private struct Side: Comparable {
    let account: ID
    let weight: Int128
    var amount: Int64

    init(_ net: Net) {
      account = net.account
      weight = Settlement.weight(net.account)
      amount = Int64(net.amount.magnitude)
    }

    /// Smaller amounts first; equal amounts in the order of the weights.
    static func < (left: Side, right: Side) -> Bool {
      (left.amount, left.weight, left.account) < (right.amount, right.weight, right.account)
    }
  }

  /// Payments that leave at most `exactLimit` accounts open, each closing at least one.
  struct Beginning {
    let payments: [Payment]
    /// The accounts that stay open.
    let rest: [Net]

    /// No plan that begins so has fewer payments.
    var fewest: Int { payments.count + (rest.count + 1) / 2 }
  }

  /// The rules for the accounts above `exactLimit`. None is the best for all amounts.
  private enum Rule: CaseIterable {
    /// Pairs, triples that leave out few others, then the largest.
    case scarceTriples
    /// Pairs, triples from the largest account on, then the largest.
    case largestTriples
    /// The largest payer with the largest receiver.
    case largestOnly
  }

  /// The most beginnings that are worked out to the end.
  private static let tried = 2

  /// Returns beginnings of plans, the most promising first; one without payments for few accounts.
  static func beginnings(_ open: [Net]) -> [Beginning] {
    guard open.count > exactLimit else { return [Beginning(payments: [], rest: open)] }
    let all = Rule.allCases.map { settledFirst(open, $0) }
    let order = all.indices.sorted {
      (all[$0].payments.count + all[$0].rest.count, $0) < (all[$1].payments.count + all[$1].rest.count, $1)
    }
    return order.prefix(tried).map { all[$0] }
  }

  /// Settles accounts until at most `exactLimit` are open.
  ///
  /// Pairs that cancel out first: if a and -a are in two groups that add up to zero, the rests of both are one such
  /// group, and the pair is another, so no group is lost. Then triples and fours, then the largest payer with the largest
  /// receiver. No polynomial rule is near the fewest payments for all amounts (set packing is as hard); this one finds them
  /// where debts are pairs and triples.
  private static func settledFirst(_ open: [Net], _ rule: Rule) -> Beginning {
    var payers = open.filter { $0.amount < 0 }.map(Side.init).sorted()
    var receivers = open.filter { $0.amount > 0 }.map(Side.init).sorted()
    var payments: [Payment] = []
    if rule != .largestOnly {
      payments = pairs(&payers, &receivers)
      for _ in 0..<passes where payers.count + receivers.count > exactLimit {
        let more = triples(&payers, &receivers, scarceFirst: rule == .scarceTriples)
        guard !more.isEmpty else { break }
        payments += more
      }
      payments += fours(&payers, &receivers)
    }
    var owing = MaxHeap(sorted: payers)
    var owed = MaxHeap(sorted: receivers)
    while owing.count + owed.count > exactLimit, var payer = owing.popMax(), var receiver = owed.popMax() {
      let amount = min(payer.amount, receiver.amount)
      payments.append(Payment(from: payer.account, to: receiver.account, amount: amount))
      payer.amount -= amount
      receiver.amount -= amount
      if payer.amount > 0 { owing.insert(payer) }
      if receiver.amount > 0 { owed.insert(receiver) }
    }
    let rest =
      owing.elements.map { Net($0.account, -$0.amount) } + owed.elements.map { Net($0.account, $0.amount) }
    return Beginning(payments: payments, rest: rest.sorted { $0.account < $1.account })
  }

  /// Settles payers and receivers of the same amount with each other. Both lists are in order and stay so.
  private static func pairs(_ payers: inout [Side], _ receivers: inout [Side]) -> [Payment] {
    var payments: [Payment] = []
    var rest: (payers: [Side], receivers: [Side]) = ([], [])
    var (payer, receiver) = (0, 0)
    while payer < payers.count, receiver < receivers.count {
      let (owes, due) = (payers[payer], receivers[receiver])
      if owes.amount == due.amount {
        payments.append(Payment(from: owes.account, to: due.account, amount: owes.amount))
      }
      if owes.amount < due.amount { rest.payers.append(owes) }
      if owes.amount > due.amount { rest.receivers.append(due) }
      if owes.amount <= due.amount { payer += 1 }
      if owes.amount >= due.amount { receiver += 1 }
    }
    payers = rest.payers + payers[payer...]
    receivers = rest.receivers + receivers[receiver...]
    return payments
  }

  /// Three accounts that cancel out: one of one side and two of the other.
  private struct Triple {
    let alone: Side
    let two: [Side]
    let isPayerAlone: Bool

    var accounts: [ID] { [alone.account] + two.map(\.account) }

    var payments: [Payment] {
      two.map { side in
        isPayerAlone
          ? Payment(from: alone.account, to: side.account, amount: side.amount)
          : Payment(from: side.account, to: alone.account, amount: side.amount)
      }
    }
  }

  /// The most passes over triples: later ones find those that the bounds of `triples(of:and:)` left out.
  private static let passes = 3

  /// Settles accounts in threes. Both lists are in order and stay so.
  /// - Parameter scarceFirst: `true` for the triples whose accounts are in few others first, since each that is taken
  ///   leaves those out; `false` for the order in which they were found.
  private static func triples(
    _ payers: inout [Side], _ receivers: inout [Side], scarceFirst: Bool
  ) -> [Payment] {
    let triples =
      triples(of: payers, and: receivers, isPayerAlone: true)
      + triples(of: receivers, and: payers, isPayerAlone: false)
    var count: [ID: Int] = [:]
    for account in triples.flatMap(\.accounts) { count[account, default: 0] += 1 }
    let claims = triples.map { scarceFirst ? $0.accounts.reduce(0) { $0 + count[$1, default: 0] } : 0 }
    var taken: Set<ID> = []
    var payments: [Payment] = []
    // Equal claims keep the order in which the triples were found: the same on every machine.
    for index in triples.indices.sorted(by: { (claims[$0], $0) < (claims[$1], $1) })
    where taken.isDisjoint(with: triples[index].accounts) {
      taken.formUnion(triples[index].accounts)
      payments += triples[index].payments
    }
    payers.removeAll { taken.contains($0.account) }
    receivers.removeAll { taken.contains($0.account) }
    return payments
  }

  /// The number of pairs of others that are tried for each account. The pairs of 4,097 others are all tried.
  private static let triesOfTriples = 4096

  /// Finds the triples of one of `sides` and two of `others`: at most 16 for each of `sides`.
  private static func triples(of sides: [Side], and others: [Side], isPayerAlone: Bool) -> [Triple] {
    var found: [Triple] = []
    for alone in sides.reversed() {
      var (low, high, count, tries) = (0, others.count - 1, 0, 0)
      while low < high, count < 16, tries < triesOfTriples {
        tries += 1
        let missing = alone.amount - others[high].amount
        if others[low].amount == missing {
          found.append(Triple(alone: alone, two: [others[low], others[high]], isPayerAlone: isPayerAlone))
          count += 1
        }
        if others[low].amount <= missing { low += 1 } else { high -= 1 }
      }
    }
    return found
  }

  /// The most accounts among which fours are looked for: the pairs of 600 are 180,000.
  private static let mostForFours = 600
  /// The most pairs with the same sum that are kept.
  private static let pairsOfSum = 4

  /// Settles accounts in fours, which are two pairs with opposite sums: three payments each. Both lists are in order and
  /// stay so. O(n²).
  private static func fours(_ payers: inout [Side], _ receivers: inout [Side]) -> [Payment] {
    let nets =
      (payers.map { Net($0.account, -$0.amount) } + receivers.map { Net($0.account, $0.amount) })
    guard (exactLimit + 1...mostForFours).contains(nets.count) else { return [] }
    var isTaken = [Bool](repeating: false, count: nets.count)
    var known: [Int64: [(Int, Int)]] = [:]
    var payments: [Payment] = []
    for first in nets.indices {
      for second in nets.indices[(first + 1)...] where !isTaken[first] && !isTaken[second] {
        let (sum, isTooLarge) = nets[first].amount.addingReportingOverflow(nets[second].amount)
        guard !isTooLarge, sum != .min else { continue }
        let other = known[-sum]?.first { pair in
          ![first, second].contains(pair.0) && ![first, second].contains(pair.1) && !isTaken[pair.0]
            && !isTaken[pair.1]
        }
        if let other {
          let four = [first, second, other.0, other.1]
          for index in four { isTaken[index] = true }
          payments += chain(four.map { nets[$0] })
        } else if known[sum, default: []].count < pairsOfSum {
          known[sum, default: []].append((first, second))
        }
      }
    }
    let taken = Set(nets.indices.filter { isTaken[$0] }.map { nets[$0].account })
    payers.removeAll { taken.contains($0.account) }
    receivers.removeAll { taken.contains($0.account) }
    return payments
  }
}
