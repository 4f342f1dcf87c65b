import KittyShared
import Testing

@testable import KittyServer

struct LedgerTests {
  private let eur = Currency(code: "EUR")!
  private let members = (1...3).map { ID(at: Instant(milliseconds: Int64($0))) }
  private let group = ID(at: Instant(milliseconds: 50))
  private let seed = ID(at: Instant(milliseconds: 99))
  private var people: Participants { Participants(present: members.map { (id: $0, weight: 1) }) }

  private func content(_ input: NewExpense) throws -> EntryContent {
    try Ledger.content(
      for: input, seed: seed, currency: eur, people: people, today: Instant(milliseconds: 86_400_000).day)
  }

  private func postings(_ input: NewExpense) throws -> [Posting] {
    try content(input).postings(group: group, entry: seed)
  }

  @Test func postingsSumToZero() throws {
    for amount in [1, 2, 3, 100, 9_999, Amount.limit, -1, -2, -100, -Amount.limit] as [Int64] {
      for participants in [nil, [members[1]], [members[2], members[0]]] as [[ID]?] {
        let postings = try postings(
          NewExpense(
            description: "x", amount: .minorUnits(amount), payer: .member(members[0]),
            participants: participants))
        #expect(postings.reduce(0) { $0 + $1.amount.minorUnits } == 0)
        #expect(postings.filter { $0.kind == .paid }.map(\.account) == [members[0]])
        let bearers = postings.filter { $0.kind == .share }.map(\.account)
        #expect(Set(bearers).isSubset(of: participants ?? members))
      }
    }
  }

  @Test func changeOfAnAccountIsTheSumOfItsPostings() throws {
    let accounts = members.map { LedgerAccount.member($0) } + [.kitty]
    let inputs = [
      NewExpense(
        description: "x", amount: .minorUnits(1001), currency: Currency(code: "JPY"), rate: Rate("0.0061"),
        payers: [
          Payer(.member(members[0]), amount: .minorUnits(500)), Payer(.kitty, amount: .minorUnits(501)),
        ]),
      NewExpense(description: "x", amount: .minorUnits(-200), payer: .member(members[1])),
      NewExpense(description: "x", amount: .minorUnits(700), payer: .kitty, participants: [members[2]]),
    ]
    let contents =
      try inputs.map { try content($0) } + [
        Ledger.content(
          for: NewPayment(from: .member(members[0]), to: .kitty, amount: .minorUnits(100)), currency: eur,
          people: people, today: Instant(milliseconds: 0).day)
      ]
    for content in contents {
      let postings = content.postings(group: group, entry: seed)
      for account in accounts {
        let net = postings.net(of: account.id(in: group), in: content.booked.currency)
        #expect((content.change(of: account, entry: seed) ?? 0) == net, "\(content) \(account)")
      }
    }
    #expect(contents[2].change(of: .member(members[0]), entry: seed) == nil)
  }

  @Test func payerWhoSharesHasOneBalanceChange() throws {
    let postings = try postings(
      NewExpense(description: "x", amount: .minorUnits(300), payer: .member(members[0])))
    let changes = try BalanceChange.changes(from: [], to: postings)
    #expect(changes.count == 3)
    let mine = BalanceChange(account: members[0], currency: eur, paid: 300, share: 100)
    #expect(changes.first { $0.account == members[0] } == mine)
    // Replacing postings by themselves changes nothing.
    #expect(try BalanceChange.changes(from: postings, to: postings) == [])
  }

  @Test func dateDefaultsToToday() throws {
    let input = NewExpense(description: "x", amount: .minorUnits(1), payer: .member(members[0]))
    #expect(try content(input).date.description == "1970-01-02")
  }

  @Test func paymentsAndKittyPostAsDocumented() throws {
    // The kitty pays 60 for three: kitty +60, each member -20.
    let fromKitty = try postings(NewExpense(description: "x", amount: .decimal("60"), payer: .kitty))
    #expect(fromKitty.map(\.amount.minorUnits) == [6000, -2000, -2000, -2000])
    #expect(fromKitty[0].account == group)
    func payment(_ from: LedgerAccount, _ to: LedgerAccount) throws -> (EntryContent.Kind, [Posting]) {
      let content = try Ledger.content(
        for: NewPayment(from: from, to: to, amount: .minorUnits(100)), currency: eur, people: people,
        today: Day("2026-01-01")!)
      return (content.kind, content.postings(group: group, entry: seed))
    }
    let (anna, bob) = (members[0], members[1])
    func expected(_ from: ID, _ to: ID) -> [Posting] {
      [
        Posting(account: from, kind: .sent, amount: Amount(100, eur)),
        Posting(account: to, kind: .received, amount: Amount(-100, eur)),
      ]
    }
    #expect(try payment(.member(anna), .kitty) == (.contribution, expected(anna, group)))
    #expect(try payment(.kitty, .member(anna)) == (.payout, expected(group, anna)))
    #expect(try payment(.member(bob), .member(anna)) == (.payment, expected(bob, anna)))
  }

  @Test func countPostsTheDifference() throws {
    func count(_ counted: Int64, expected: Int64) throws -> [Int64] {
      try Ledger.content(
        for: NewCount(counted: .minorUnits(counted)), expected: expected, seed: seed, currency: eur,
        people: people, today: Day("2026-01-01")!
      ).postings(group: group, entry: seed).map(\.amount.minorUnits)
    }
    #expect(try count(3700, expected: 4000) == [300, -100, -100, -100])
    #expect(try count(4300, expected: 4000) == [-300, 100, 100, 100])
    #expect(try count(4000, expected: 4000) == [])
    #expect(throws: Rejection.self) { try count(-1, expected: 0) }
  }

  @Test func severalPayersMustAddUpToTheTotal() throws {
    func input(_ amounts: [Int64], total: Int64 = 100) -> NewExpense {
      NewExpense(
        description: "x", amount: .minorUnits(total),
        payers: zip([.kitty] + members.map(LedgerAccount.member), amounts).map {
          Payer($0, amount: .minorUnits($1))
        })
    }
    #expect(try postings(input([60, 40])).prefix(2).map(\.amount.minorUnits) == [60, 40])
    for (amounts, word) in [([60, 39], "0.01 EUR are missing"), ([60, 41], "0.01 EUR over")]
      as [([Int64], String)]
    {
      let problem = #expect(throws: Rejection.self) { try content(input(amounts)) }
      #expect(problem?.errors?.first?.field == "payers")
      #expect(problem?.detail.contains(word) == true, "\(problem?.detail ?? "")")
    }
    #expect(throws: Rejection.self) { try content(input([110, -10])) }
  }

  @Test func rateConvertsToTheCurrencyOfTheGroup() throws {
    let usd = Currency(code: "USD")!
    let content = try content(
      NewExpense(
        description: "x", amount: .decimal("100.00"), currency: usd, rate: Rate("0.9123"),
        payers: [
          Payer(.member(members[0]), amount: .decimal("33.33")),
          Payer(.member(members[1]), amount: .decimal("66.67")),
        ]))
    #expect(content.amount == 10_000 && content.currency == usd)
    #expect(content.booked == Money(amount: 9123, currency: eur))
    let postings = content.postings(group: group, entry: seed)
    #expect(postings.reduce(0) { $0 + $1.amount.minorUnits } == 0)
    #expect(postings.allSatisfy { $0.amount.currency == eur })
    // 33.33 at 0.9123 is 30.406959.
    #expect(postings.prefix(2).map(\.amount.minorUnits) == [3041, 6082])
    let same = NewExpense(
      description: "x", amount: .minorUnits(1), currency: eur, rate: Rate("2"), payer: .kitty)
    #expect(throws: Rejection.self) { try self.content(same) }
  }
}
