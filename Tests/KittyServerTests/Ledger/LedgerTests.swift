import KittyShared
import Testing

@testable import KittyServer

struct LedgerTests {
  private let eur = Currency(code: "EUR")!
  private let members = (1...3).map { ID(at: Instant(milliseconds: Int64($0))) }

  private func entry(_ amount: AmountInput, payer: Int = 0, participants: [ID]? = nil) throws -> Entry {
    let input = NewExpense(
      description: "x", amount: amount, payer: members[payer], participants: participants)
    return try Ledger.entry(
      for: input, id: ID(at: Instant(milliseconds: 99)), group: GroupCurrency(id: .first, currency: eur),
      present: members, by: members[0], at: Instant(milliseconds: 86_400_000))
  }

  @Test func postingsSumToZero() throws {
    for amount in [1, 2, 3, 100, 9_999, Amount.limit] as [Int64] {
      for participants in [nil, [members[1]], [members[2], members[0]]] as [[ID]?] {
        let entry = try entry(.minorUnits(amount), participants: participants)
        #expect(entry.postings.reduce(0) { $0 + $1.amount.minorUnits } == 0)
        #expect(entry.postings.filter { $0.kind == .paid }.map(\.account) == [members[0]])
        #expect(entry.postings.filter { $0.kind == .share }.map(\.account) == participants ?? members)
      }
    }
  }

  @Test func aPayerWhoSharesHasOneChange() throws {
    let changes = try entry(.minorUnits(300)).changes()
    #expect(changes.count == 3)
    let mine = BalanceChange(key: .init(account: members[0], currency: eur), paid: 300, share: 100)
    #expect(changes.first { $0.key.account == members[0] } == mine)
    #expect(changes.reduce(0) { $0 + $1.paid - $1.share } == 0)
  }

  @Test func theDayIsTodayUnlessSaid() throws {
    #expect(try entry(.minorUnits(1)).date.description == "1970-01-02")
  }
}
