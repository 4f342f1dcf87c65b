import KittyShared
import TestSupport

@testable import KittyServer

/// Random requests for a group: expenses with every kind of split, several payers, the kitty, payments,
/// currencies with 0, 2 and 3 decimals, rates, refunds.
struct RandomLedger {
  var random: Seeded
  /// The present members; fewer when members leave.
  var members: [ID]
  let currency: Currency
  private let currencies = ["EUR", "JPY", "KWD", "USD"].compactMap { Currency(code: $0) }
  private let words = ["Dinner", "Taxi; home | late", "\"Käse\"", "=1+1", "寿司 #12", "a : b (c)", "x  y"]

  init(seed: UInt64, members: [ID], currency: Currency) {
    random = Seeded(seed)
    self.members = members
    self.currency = currency
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &random)]
  }

  private mutating func some() -> [ID] {
    Array(members.shuffled(using: &random).prefix(.random(in: 1...members.count, using: &random)))
  }

  private mutating func cut(_ total: Int64, _ count: Int) -> [Int64] {
    let cuts = [0] + (1..<count).map { _ in Int64.random(in: 0...total, using: &random) }.sorted() + [total]
    return zip(cuts.dropFirst(), cuts).map { $0 - $1 }
  }

  private mutating func day() -> Day { Day(daysSince1970: 20_000 + .random(in: 0..<400, using: &random)) }

  mutating func money() -> (currency: Currency, rate: Rate?) {
    let currency = pick(currencies)
    let hasRate = currency != self.currency && Bool.random(using: &random)
    return (
      currency,
      hasRate
        ? Rate("\(Int.random(in: 1...300, using: &random)).\(Int.random(in: 10...99, using: &random))") : nil
    )
  }

  mutating func expense(id: ID? = nil) -> NewExpense {
    let magnitude = Int64.random(in: 1...pick([9, 1000, 1_000_000]), using: &random)
    let sign: Int64 = Int.random(in: 0..<6, using: &random) == 0 ? -1 : 1
    let (currency, rate) = money()
    var payers: [Payer]?
    var payer: LedgerAccount?
    if Bool.random(using: &random) {
      let accounts = ([.kitty] + members.map(LedgerAccount.member)).shuffled(using: &random)
      let parts = cut(magnitude, .random(in: 1...min(3, accounts.count), using: &random)).filter { $0 > 0 }
      payers = zip(accounts, parts).map { Payer($0, amount: .minorUnits($1 * sign)) }
    } else {
      payer = pick([.kitty] + members.map(LedgerAccount.member))
    }
    return NewExpense(
      id: id, description: pick(words), amount: .minorUnits(magnitude * sign), currency: currency, rate: rate,
      date: day(), note: Bool.random(using: &random) ? "one\ntwo \"three\"" : nil, payer: payer,
      payers: payers,
      split: split(magnitude, sign))
  }

  private mutating func split(_ magnitude: Int64, _ sign: Int64) -> SplitRule {
    let people = some()
    func parts(_ part: (Int, ID) -> SplitRule.Part) -> [SplitRule.Part] { people.enumerated().map(part) }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .equally(people)
    case 1:
      // Some have weight zero, some their own weight; at least one weight is positive.
      var weights = people.map { _ in pick([nil, 0, 1, 2, 3, 1000, 1_000_000] as [Int64?]) }
      weights[0] = .random(in: 1...4, using: &random)
      return SplitRule(.shares, parts: parts { .init($1, weight: weights[$0]) })
    case 2:
      let percent = cut(10_000, people.count)
      return SplitRule(.percentages, parts: parts { .init($1, percent: Percent(hundredths: percent[$0])) })
    case 3:
      let amounts = cut(magnitude, people.count)
      return SplitRule(.exact, parts: parts { .init($1, amount: .minorUnits(amounts[$0] * sign)) })
    case 4:
      let limit = magnitude / Int64(people.count * 2)
      let more = people.map { _ in Int64.random(in: 0...limit, using: &random) }
      return SplitRule(.adjusted, parts: parts { .init($1, amount: .minorUnits(more[$0] * sign)) })
    default:
      var pieces = cut(magnitude, 3).filter { $0 > 0 }
      let tip = pieces.count > 1 ? pieces.removeLast() : 0
      // In a refund, tax and tip are refunded too.
      let items = pieces.map { SplitRule.Item("Item", amount: .minorUnits($0 * sign), members: some()) }
      return SplitRule(.items, items: items, tip: .minorUnits(tip))
    }
  }

  mutating func payment(id: ID? = nil) -> NewPayment {
    let accounts = ([.kitty] + members.map(LedgerAccount.member)).shuffled(using: &random)
    let (currency, rate) = money()
    return NewPayment(
      id: id, from: accounts[0], to: accounts[1],
      amount: .minorUnits(.random(in: 1000...500_000, using: &random)),
      currency: currency, rate: rate, date: day())
  }
}
