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

  /// Settles accounts until at most `exactLimit` are open, each payment closing at least one of them.
  ///
  /// Pairs that cancel out first: if a and -a are in two groups that add up to zero, the rests of both are one such
  /// group, and the pair is another, so no group is lost. Then triples, then the largest payer with the largest receiver.
  /// No polynomial rule is near the fewest payments for all amounts (set packing is as hard); this one finds them where
  /// debts are pairs and triples. O(n log n).
  /// - Returns: The payments, and the accounts that stay open.
  static func settledFirst(_ open: [Net]) -> (payments: [Payment], rest: [Net]) {
    guard open.count > exactLimit else { return ([], open) }
    var payers = open.filter { $0.amount < 0 }.map(Side.init).sorted()
    var receivers = open.filter { $0.amount > 0 }.map(Side.init).sorted()
    var payments = pairs(&payers, &receivers)
    if payers.count + receivers.count > exactLimit { payments += triples(&payers, &receivers) }
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
    return (payments, rest.sorted { $0.account < $1.account })
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

  /// Settles accounts in threes. First come the triples whose accounts are in few others, since each that is taken
  /// leaves those out. Both lists are in order and stay so.
  private static func triples(_ payers: inout [Side], _ receivers: inout [Side]) -> [Payment] {
    let triples =
      triples(of: payers, and: receivers, isPayerAlone: true)
      + triples(of: receivers, and: payers, isPayerAlone: false)
    var count: [ID: Int] = [:]
    for account in triples.flatMap(\.accounts) { count[account, default: 0] += 1 }
    let claims = triples.map { $0.accounts.reduce(0) { $0 + count[$1, default: 0] } }
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
}
