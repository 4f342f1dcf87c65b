import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Properties of random ledgers, without a database.
struct BooksPropertyTests {
  @Test(arguments: 0..<10) func balancesAreTheSumOfPostings(run: Int) throws {
    var random = Seeded(UInt64(run) + 1)
    for _ in 0..<200 {
      let members = (0..<Int.random(in: 1...7, using: &random)).map { _ in random.id() }
      let group = random.id()
      let currency = Currency(code: ["EUR", "JPY", "KWD"].randomElement(using: &random)!)!
      let day = Day("2026-01-01")!
      var requests = RandomLedger(seed: random.next(), members: members, currency: currency)
      var present = members.map { (id: $0, weight: Int64.random(in: 0...5, using: &random)) }
      var entries: [(id: ID, postings: [Posting], content: EntryContent, isDeleted: Bool)] = []
      var balances: [String: [Int64]] = [:]
      func post(from old: [Posting], to new: [Posting]) throws {
        for change in try BalanceChange.changes(from: old, to: new) {
          let before = balances["\(change.account) \(change.currency)"] ?? [0, 0, 0, 0]
          balances["\(change.account) \(change.currency)"] = zip(
            before, [change.paid, change.share, change.sent, change.received]
          ).map(+)
        }
      }
      for _ in 0..<20 {
        let old = entries.randomElement(using: &random)
        let index = old.flatMap { old in entries.firstIndex { $0.id == old.id } }
        let step = Int.random(in: 0..<6, using: &random)
        if present.count > 1, Int.random(in: 0..<15, using: &random) == 0 {
          // A member leaves: new entries do not name them, old ones still do.
          present.remove(at: .random(in: present.indices, using: &random))
          requests.members = present.map(\.id)
        }
        if let index, step == 0 {
          let entry = entries[index]
          try post(from: entry.isDeleted ? [] : entry.postings, to: entry.isDeleted ? entry.postings : [])
          entries[index].isDeleted.toggle()
          continue
        }
        let id = index.flatMap { step < 3 && !entries[$0].isDeleted ? entries[$0].id : nil } ?? random.id()
        let before = index.flatMap { entries[$0].id == id ? entries[$0].content : nil }
        let named =
          [before?.from, before?.to].compactMap { $0?.member }
          + (before?.payers ?? []).compactMap(\.account.member) + (before?.shares ?? []).map(\.member)
        let people = Participants(present: present, former: named)
        let content: EntryContent?
        do {
          if let before, before.kind == .expense, Bool.random(using: &random) {
            // Only the payer changes: the shares stay.
            var change = ExpenseChange()
            change.payer = [.kitty, .member(present[0].id)].randomElement(using: &random)
            let changed = try Ledger.content(
              for: change.applied(to: before), seed: id, currency: currency, people: people, today: day)
            #expect(changed.shares == before.shares)
            content = changed
          } else {
            content =
              Bool.random(using: &random)
              ? try Ledger.content(
                for: requests.expense(), seed: id, currency: currency, people: people, today: day)
              : try Ledger.content(for: requests.payment(), currency: currency, people: people, today: day)
          }
        } catch {
          // The only reason to refuse a random request.
          #expect(error.errors?.first?.field == "rate", "\(error.detail)")
          content = nil
        }
        guard let content else { continue }
        let postings = content.postings(group: group, entry: id)
        #expect(postings.reduce(0) { $0 + $1.amount.minorUnits } == 0)
        #expect(Set(postings.map(\.amount.currency)).count <= 1)
        if let shares = content.shares {
          #expect(shares.reduce(0) { $0 + $1.amount } == content.booked.amount)
        }
        if let index, entries[index].id == id {
          try post(from: entries[index].postings, to: postings)
          entries[index].postings = postings
          entries[index].content = content
        } else {
          try post(from: [], to: postings)
          entries.append((id, postings, content, false))
        }
      }
      // The net balances are the sum of the postings, and sum to zero per currency.
      var nets: [String: Int64] = [:]
      var wholes: [Currency: Int64] = [:]
      for posting in entries.filter({ !$0.isDeleted }).flatMap(\.postings) {
        nets["\(posting.account) \(posting.amount.currency)", default: 0] += posting.amount.minorUnits
        wholes[posting.amount.currency, default: 0] += posting.amount.minorUnits
      }
      #expect(wholes.values.allSatisfy { $0 == 0 })
      #expect(
        nets.filter { $0.value != 0 }
          == balances.mapValues { $0[0] - $0[1] + $0[2] - $0[3] }.filter { $0.value != 0 })
      // Balances computed from the beginning are equal.
      let running = balances.filter { $0.value.contains { $0 != 0 } }
      balances = [:]
      try post(from: [], to: entries.filter { !$0.isDeleted }.flatMap(\.postings))
      #expect(running == balances.filter { $0.value.contains { $0 != 0 } })
    }
  }

  @Test func pairwiseDebtsAddUpToNetBalances() throws {
    var random = Seeded(3)
    let (a, b, c, d) = (random.id(), random.id(), random.id(), random.id())
    let eur = Currency(code: "EUR")!
    for _ in 0..<200 {
      var debts = PairwiseDebts()
      var nets: [ID: Int64] = [:]
      for _ in 0..<5 {
        let sign: Int64 = Bool.random(using: &random) ? 1 : -1
        let paid = [a, b].map { (account: $0, amount: sign * Int64.random(in: 1...100, using: &random)) }
        let total = paid.reduce(0) { $0 + $1.amount }
        let shares = try Split.equally([b, c, d]).shares(of: total, seed: random.id())
        let shared = shares.map { (account: $0.member, amount: -$0.amount) }
        for (account, amount) in paid + shared { nets[account, default: 0] += amount }
        try debts.add(
          paid: paid.map { (.member($0.account), $0.amount) },
          shared: shared.map { (.member($0.account), $0.amount) }, eur)
      }
      for debt in debts.debts {
        #expect(debt.amount > 0)
        nets[try #require(debt.to.member), default: 0] -= debt.amount
        nets[try #require(debt.from.member), default: 0] += debt.amount
      }
      #expect(nets.values.allSatisfy { $0 == 0 })
    }
  }
}
