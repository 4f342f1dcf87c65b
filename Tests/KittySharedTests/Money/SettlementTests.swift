import KittyShared
import TestSupport
import Testing

struct SettlementTests {
  /// Random nets that add up to zero.
  private func nets(_ count: Int, limit: Int64, _ random: inout Seeded) -> [Settlement.Net] {
    var amounts = (1..<count).map { _ in Int64.random(in: -limit...limit, using: &random) }
    amounts.append(-amounts.reduce(0, +))
    return amounts.map { Settlement.Net(random.id(), $0) }
  }

  private func clears(_ plan: Settlement.Plan, _ nets: [Settlement.Net]) -> Bool {
    var left = Dictionary(uniqueKeysWithValues: nets.map { ($0.account, $0.amount) })
    for payment in plan.payments {
      left[payment.from, default: 0] += payment.amount
      left[payment.to, default: 0] -= payment.amount
    }
    return left.values.allSatisfy { $0 == 0 }
      && plan.payments.allSatisfy { $0.amount > 0 && $0.from != $0.to }
  }

  /// The fewest payments, found by trying every payment that settles an account.
  private func fewest(_ amounts: [Int64]) -> Int {
    let open = amounts.filter { $0 != 0 }.sorted()
    guard let first = open.first else { return 0 }
    var best = Int.max
    var tried: Set<Int64> = []
    for index in open.indices.dropFirst() where open[index].signum() != first.signum() {
      guard tried.insert(open[index]).inserted else { continue }
      // The first one is settled by dealing with this one alone: all of it goes there.
      var rest = Array(open.dropFirst())
      rest[index - 1] += first
      best = min(best, 1 + fewest(rest))
    }
    return best
  }

  @Test(arguments: 0..<6) func planHasFewestPayments(run: Int) throws {
    var random = Seeded(UInt64(run) + 1)
    for _ in 0..<40 {
      let limit: Int64 = [2, 5, 50, 10_000][Int.random(in: 0..<4, using: &random)]
      // Trying everything takes (n-1)! steps: ten accounts only where many amounts are the same.
      let nets = nets(.random(in: 2...(limit < 10 ? 10 : 8), using: &random), limit: limit, &random)
      let plan = try Settlement.plan(for: nets)
      #expect(plan.isFewest && clears(plan, nets))
      #expect(plan.payments.count == fewest(nets.map(\.amount)), "\(nets.map(\.amount))")
    }
  }

  /// The fewest payments, found in another way: accounts that settle among themselves need one payment less
  /// than they are, so the most such sets are looked for among all ways to make sets of the accounts.
  private func fewestBySets(_ amounts: [Int64]) -> Int {
    let open = amounts.filter { $0 != 0 }
    func most(_ index: Int, _ sums: inout [Int64]) -> Int {
      guard index < open.count else { return sums.allSatisfy { $0 == 0 } ? sums.count : 0 }
      // Each account still to come can close one set at most.
      guard sums.count(where: { $0 != 0 }) <= open.count - index else { return 0 }
      var best = 0
      for set in sums.indices {
        sums[set] += open[index]
        best = max(best, most(index + 1, &sums))
        sums[set] -= open[index]
      }
      sums.append(open[index])
      best = max(best, most(index + 1, &sums))
      sums.removeLast()
      return best
    }
    var sums: [Int64] = []
    return open.count - most(0, &sums)
  }

  @Test(arguments: 0..<6) func planOfLargeAmountsHasFewestPayments(run: Int) throws {
    var random = Seeded(UInt64(run) + 50)
    for count in [9, 10] {
      // Some settle among themselves: large amounts would hardly do so by chance.
      let cut = Int.random(in: 2...(count - 2), using: &random)
      var nets =
        self.nets(cut, limit: 1_000_000_000_000, &random)
        + self.nets(count - cut, limit: 1_000_000_000_000, &random)
      nets.shuffle(using: &random)
      let plan = try Settlement.plan(for: nets)
      #expect(plan.isFewest && clears(plan, nets))
      #expect(plan.payments.count == fewestBySets(nets.map(\.amount)), "\(nets.map(\.amount))")
      #expect(plan.payments.count <= count - 2)
    }
  }

  /// Accounts in groups that settle among themselves. The amounts are so large that no others do so by chance.
  @Test(arguments: 17...20) func planOfUpToTwentyHasFewestPayments(count: Int) throws {
    var random = Seeded(UInt64(count))
    for _ in 0..<5 {
      var (nets, groups): ([Settlement.Net], Int) = ([], 0)
      while nets.count < count {
        let rest = count - nets.count
        let size = rest < 4 ? rest : Int.random(in: 2...min(rest - 2, 6), using: &random)
        nets += self.nets(size, limit: 1_000_000_000_000, &random)
        groups += 1
      }
      let plan = try Settlement.plan(for: nets.shuffled(using: &random))
      #expect(plan.isFewest && clears(plan, nets) && plan.payments.count == count - groups)
    }
  }

  /// The fewest payments of few different amounts, found by trying every payment that settles an account.
  private func fewestOfFew(_ amounts: [Int64], _ known: inout [[Int64]: Int]) -> Int {
    let open = amounts.filter { $0 != 0 }.sorted()
    guard let first = open.first else { return 0 }
    if let found = known[open] { return found }
    var best = Int.max
    var tried: Set<Int64> = []
    for index in open.indices.dropFirst() where open[index] > 0 {
      guard tried.insert(open[index]).inserted else { continue }
      var rest = Array(open.dropFirst())
      rest[index - 1] += first
      best = min(best, 1 + fewestOfFew(rest, &known))
    }
    known[open] = best
    return best
  }

  @Test(arguments: 17...20) func planOfSmallAmountsHasFewestPayments(count: Int) throws {
    var random = Seeded(UInt64(count) + 40)
    var known: [[Int64]: Int] = [:]
    for limit in [Int64(1), 2, 3] {
      let nets = nets(count, limit: limit, &random)
      let plan = try Settlement.plan(for: nets)
      #expect(plan.isFewest && clears(plan, nets))
      #expect(plan.payments.count == fewestOfFew(nets.map(\.amount), &known), "\(nets.map(\.amount))")
    }
  }

  @Test(arguments: 0..<4) func planIsStableWhileCarriedOut(run: Int) throws {
    var random = Seeded(UInt64(run) + 100)
    for _ in 0..<30 {
      var left = nets(
        .random(in: 2...11, using: &random), limit: [3, 20, 1000][Int.random(in: 0..<3, using: &random)],
        &random)
      var plan = Set(try Settlement.plan(for: left).payments)
      // In any order, whole or in part.
      while let payment = plan.randomElement(using: &random) {
        left = left.map { net in
          Settlement.Net(
            net.account,
            net.amount + (net.account == payment.from ? payment.amount : 0)
              - (net.account == payment.to ? payment.amount : 0))
        }
        plan.remove(payment)
        #expect(Set(try Settlement.plan(for: left).payments) == plan)
      }
    }
  }

  @Test func manyAccountsAreSettledGreedily() throws {
    var random = Seeded(5)
    let nets = nets(200, limit: 100_000, &random)
    let plan = try Settlement.plan(for: nets)
    #expect(!plan.isFewest && clears(plan, nets) && plan.payments.count <= 199)
    let sixteen = self.nets(16, limit: 100_000, &random)
    #expect(try Settlement.plan(for: sixteen).isFewest)
    #expect(try Settlement.plan(for: []).payments.isEmpty)
    let centred = try Settlement.plan(for: sixteen, centre: sixteen[3].account)
    #expect(clears(centred, sixteen) && centred.payments.count <= 15)
  }

  /// Random nets in groups of `size` accounts that settle among themselves.
  private func planted(_ groups: Int, of size: Int, _ random: inout Seeded) -> [Settlement.Net] {
    (0..<groups).flatMap { _ in nets(size, limit: 1_000_000_000, &random) }.shuffled(using: &random)
  }

  @Test(arguments: [
    (11, 2, 11), (50, 2, 50), (250, 2, 250), (8, 3, 16), (33, 3, 66), (25, 4, 85), (1, 500, 499),
  ])
  func plantedPairsAndTriplesAreFound(groups: Int, size: Int, most: Int) throws {
    var random = Seeded(UInt64(groups * size))
    let nets = planted(groups, of: size, &random)
    let plan = try Settlement.plan(for: nets)
    #expect(clears(plan, nets) && plan.payments.count <= most && !plan.isFewest)
    // The same plan, whatever the order of the accounts.
    #expect(try Settlement.plan(for: nets.shuffled(using: &random)) == plan)
  }

  /// The number of payments when the largest payer always pays the largest receiver.
  private func largestFirst(_ nets: [Settlement.Net]) -> Int {
    var payers = nets.map { -$0.amount }.filter { $0 > 0 }
    var receivers = nets.map(\.amount).filter { $0 > 0 }
    var count = 0
    while let payer = payers.indices.max(by: { payers[$0] < payers[$1] }),
      let receiver = receivers.indices.max(by: { receivers[$0] < receivers[$1] })
    {
      let amount = min(payers[payer], receivers[receiver])
      payers[payer] -= amount
      receivers[receiver] -= amount
      payers.removeAll { $0 == 0 }
      receivers.removeAll { $0 == 0 }
      count += 1
    }
    return count
  }

  /// Random debts up to 500.00, or groups of some accounts that settle among themselves: what the best of simpler rules
  /// needed for such debts.
  @Test(arguments: [
    (30, 30, 29), (30, 2, 15), (30, 3, 20), (30, 4, 28), (100, 100, 98), (100, 2, 50), (100, 3, 67),
    (100, 4, 96), (500, 500, 416), (500, 2, 250), (500, 3, 336), (500, 4, 420),
  ])
  func planOfManyIsNoWorseThanSimplerRules(count: Int, size: Int, most: Int) throws {
    var random = Seeded(UInt64(count * 1000 + size))
    for _ in 0..<(count < 500 ? 3 : 1) {
      let debts = (0..<(count / size)).flatMap { _ in nets(size, limit: 50_000, &random) }
        .shuffled(using: &random)
      let plan = try Settlement.plan(for: debts)
      #expect(clears(plan, debts) && plan.payments.count <= most, "\(plan.payments.count)")
      #expect(plan.payments.count <= largestFirst(debts))
      #expect(try Settlement.plan(for: debts.shuffled(using: &random)) == plan)
    }
  }

  /// Debts of whole euros up to 20, of which many cancel out.
  @Test(arguments: [(16, 12), (17, 12), (30, 20), (100, 58), (500, 270)])
  func planOfSmallDebtsIsShort(count: Int, most: Int) throws {
    var random = Seeded(UInt64(count) + 70)
    var debts: [Settlement.Net] = []
    while debts.count < count {
      let amount = Int64.random(in: 1...20, using: &random) * 100
      let sum = debts.reduce(0) { $0 + $1.amount }
      // The sum stays small, so that the last amount is one of the same kind.
      let sign: Int64 = sum > 0 ? -1 : sum < 0 ? 1 : Bool.random(using: &random) ? 1 : -1
      debts.append(Settlement.Net(random.id(), debts.count == count - 1 ? -sum : sign * amount))
    }
    let plan = try Settlement.plan(for: debts)
    #expect(clears(plan, debts) && plan.payments.count <= most, "\(plan.payments.count)")
    #expect(plan.payments.count <= largestFirst(debts))
    #expect(try Settlement.plan(for: debts.shuffled(using: &random)) == plan)
  }

  /// A club: members with the same debt, and some organisers who paid for some of them each. The fewest payments are one of
  /// each member.
  @Test(arguments: [(16, 2), (17, 2), (30, 2), (100, 9), (500, 45)])
  func planOfAClubHasAPaymentOfEachMember(count: Int, organisers: Int) throws {
    var random = Seeded(UInt64(count) + 90)
    let members = (0..<(count - organisers)).map { _ in Settlement.Net(random.id(), -1250) }
    var parts = Array(repeating: Int64(1), count: organisers)
    for _ in 0..<(members.count - organisers) {
      parts[Int.random(in: 0..<organisers, using: &random)] += 1
    }
    let debts = (members + parts.map { Settlement.Net(random.id(), $0 * 1250) }).shuffled(using: &random)
    let plan = try Settlement.plan(for: debts)
    #expect(clears(plan, debts) && plan.payments.count == members.count, "\(plan.payments.count)")
    #expect(try Settlement.plan(for: debts.shuffled(using: &random)) == plan)
  }

  /// Random nets of many sizes: amounts that are often the same, or never.
  @Test(arguments: 0..<8) func planOfAnySizeClearsAllDebts(run: Int) throws {
    var random = Seeded(UInt64(run) + 900)
    for _ in 0..<20 {
      let limit: Int64 = [1, 3, 50, 100_000][run % 4]
      let nets = nets(.random(in: 2...80, using: &random), limit: limit, &random)
      let open = nets.count { $0.amount != 0 }
      let plan = try Settlement.plan(for: nets)
      #expect(clears(plan, nets) && plan.payments.count <= max(0, open - 1))
      #expect(plan.isFewest == (open <= Settlement.exactLimit))
    }
  }

  @Test func pairsInAnyNumberAreSettledAmongThemselves() throws {
    var random = Seeded(77)
    // Sixty debts of the same amount: each payment settles two accounts.
    let nets = (0..<120).map { Settlement.Net(random.id(), $0.isMultiple(of: 2) ? 20 : -20) }
    #expect(try Settlement.plan(for: nets).payments.count == 60)
  }

  /// A payment that no entry could hold comes as several.
  @Test func paymentAboveTheLimitOfAnAmountIsCut() throws {
    let (a, b) = (ID(at: Instant(milliseconds: 1)), ID(at: Instant(milliseconds: 2)))
    let nets = [Settlement.Net(a, 2 * Amount.limit + 5), Settlement.Net(b, -2 * Amount.limit - 5)]
    for plan in [try Settlement.plan(for: nets), try Settlement.plan(for: nets, centre: a)] {
      #expect(clears(plan, nets))
      #expect(plan.payments.map(\.amount) == [Amount.limit, Amount.limit, 5])
    }
    let limit = [Settlement.Net(a, Amount.limit), Settlement.Net(b, -Amount.limit)]
    #expect(try Settlement.plan(for: limit).payments.map(\.amount) == [Amount.limit])
  }
}
