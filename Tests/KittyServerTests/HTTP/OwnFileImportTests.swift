import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Imports of KittyCash's own files into a group: its JSON and its journals.
@Suite struct OwnFileImportTests {
  /// Returns another group of the same user, with members of the same names.
  private func other(_ books: GroupFixture, currency: String = "EUR", guests: [String] = ["Bob"])
    async throws -> GroupFixture
  {
    let (group, members) = try await books.server.makeGroup(books.token, guests: guests, currency: currency)
    return GroupFixture(server: books.server, token: books.token, group: group, members: members)
  }

  private func export(_ books: GroupFixture, _ format: String = "json") async throws -> String {
    try await books.send("GET", "/export?format=\(format)").text
  }

  /// The balances by name, without those of zero.
  private func balances(_ books: GroupFixture) async throws -> [String: Int64] {
    try await books.nets().filter { $0.value != 0 }
  }

  private func expense(_ books: GroupFixture, _ expense: NewExpense) async throws -> Entry {
    try await books.enter("/expenses", String(decoding: try JSON.encode(expense), as: UTF8.self))
  }

  @Test(arguments: Backend.available, [UInt64(4), 5, 6])
  func groupComesBackWithItsBalances(backend: Backend, seed: UInt64) async throws {
    try await GroupFixture.run(on: backend, currency: seed == 6 ? "JPY" : "EUR") { books in
      try await books.fill(seed: seed, steps: 60)
      let wanted = try await balances(books)
      for format in ["json", "hledger", "beancount"] {
        let there = try await other(books, currency: books.group.currency.code)
        let before = try await export(there)
        let file = try await export(books, format)
        let report = try await there.importFile(file)
        #expect(!report.differs && report.leftOut.isEmpty, "\(report.leftOut)")
        #expect(!report.showsBalances)
        #expect(try await balances(there) == wanted, "\(format)")
        for pot in try await books.server.balances(books.group.id, books.token)
        where pot.account == .kitty && pot.net != 0 {
          let rows = report.balances.filter { $0.isKitty && $0.currency == pot.currency }
          #expect(rows.map(\.there) == [pot.net] && rows.map(\.here) == [pot.net], "\(format)")
        }
        let again = try await there.importFile(file)
        #expect(again.id == nil && again.duplicates == report.expenses + report.payments)
        // The books are such as the program itself would have written: they become a group again.
        let copy = try await other(books, guests: [])
        let made = try await copy.send("POST", "/import", try await export(there))
        #expect(made.status == 200, "\(made.text)")
        #expect(try await balances(copy) == wanted)
        // What was exported is exported the same way.
        #expect(try await there.send("DELETE", "/imports/\(try #require(report.id))").status == 204)
        #expect(try await export(there) == before, "\(format)")
      }
    }
  }

  @Test(arguments: Backend.available) func fileOfTheSameGroupHasNothingNew(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: 7, steps: 40)
      // Carl leaves, Bob is renamed, and another Carl comes.
      for currency in ["EUR", "USD", "JPY", "KWD"] {
        let code = try #require(Currency(code: currency))
        for balance in try await books.server.balances(books.group.id, books.token)
        where balance.account.member == books.carl && balance.currency == code && balance.net != 0 {
          let (from, to) = balance.net < 0 ? (books.carl, books.anna) : (books.anna, books.carl)
          _ = try await books.enter(
            "/payments",
            #"{"from": "\#(from)", "to": "\#(to)", "amount": \#(abs(balance.net)), "currency": "\#(currency)"}"#
          )
        }
      }
      #expect([200, 204].contains(try await books.send("DELETE", "/members/\(books.carl)").status))
      let file = try await export(books)
      let any = [("If-Match", "*")]
      let renamed = try await books.send(
        "PATCH", "/members/\(books.bob)", #"{"name": "Robert"}"#, headers: any)
      #expect(renamed.status == 200)
      #expect(try await books.send("POST", "/members", #"{"name": "Carl"}"#).status == 201)
      let present = try await books.get(Page<Entry>.self, "/entries?limit=100").items
      for text in [file, try await export(books)] {
        let report = try await books.importFile(text)
        #expect(report.id == nil && report.duplicates == present.count { $0.amount != 0 } && !report.differs)
        #expect(report.members.allSatisfy { !$0.isNew && $0.member != nil }, "\(report.members)")
        #expect(report.leftOut.allSatisfy { $0.reason == "It is a count without a difference." })
      }
      // So it changes no closed books.
      let closing = try await books.send("PATCH", "", #"{"closedUntil": "2026-11-01"}"#, headers: any)
      #expect(closing.status == 200, "\(closing.text)")
      #expect(try await books.importFile(file).id == nil)
      try expectProblem(
        try await books.sendFile(Data(try await lost(file, in: books).utf8)), 409, "closed")
      #expect(try await books.send("PATCH", "", #"{"closedUntil": null}"#, headers: any).status == 200)
      // Entries that are missing come back; those of a former member with a guest, and once.
      let more = try await lost(file, in: books)
      #expect(try await books.importFile(more).id != nil)
      let repeated = try await books.importFile(more)
      #expect(repeated.id == nil && !repeated.differs, "\(repeated)")
      let imports = try await books.get(Page<ImportRecord>.self, "/imports").items
      #expect(try await books.send("DELETE", "/imports/\(imports[0].id)").status == 204)
      // An entry that was changed or deleted is said, and nothing is overwritten.
      let (first, second) = (
        try #require(present.first { $0.kind == .payment }),
        try #require(present.last { $0.kind == .payment })
      )
      let changed = try await books.send("PATCH", "/payments/\(first.id)", #"{"amount": 1}"#, headers: any)
      #expect(changed.status == 200, "\(changed.text)")
      #expect(try await books.send("DELETE", "/entries/\(second.id)").status == 204)
      try expectProblem(try await books.sendFile(Data(file.utf8)), 409, "balances_differ")
      let report = try await books.importFile(file, query: "?dryRun=true")
      #expect(
        Set(report.leftOut.map(\.reason)).isSuperset(of: [
          "It is here as #\(first.number), with other amounts.",
          "It is here as #\(second.number), and was deleted.",
        ]), "\(report.leftOut)")
    }
  }

  /// Returns an export with other ids of its entries: the group does not have them, and they are of other days.
  private func lost(_ file: String, in books: GroupFixture) async throws -> String {
    let document = try JSON.decode(GroupFile.self, from: Data(file.utf8))
    let shared = document.entries.first { entry in
      entry.revisions.count == 1
        && entry.revisions[0].content.shares?.contains { $0.member == books.carl } == true
        && entry.revisions[0].content.refundOf == nil && entry.revisions[0].content.recurring == nil
    }
    var entry = try #require(shared)
    var other = document
    entry.id = ID(at: Instant(milliseconds: 1_780_000_000_000))
    entry.number = 900
    let old = entry.revisions[0].content
    entry.revisions[0].content.date = try #require(Day("2025-01-31"))
    // The shares of another entry, by amounts.
    entry.revisions[0].content.split = SplitRule(
      .exact, parts: (old.shares ?? []).map { .init($0.member, amount: .minorUnits($0.amount)) })
    (entry.revisions[0].content.rate, entry.revisions[0].content.amount) = (nil, old.booked.amount)
    entry.revisions[0].content.currency = old.booked.currency
    entry.revisions[0].content.payers = [Payer(.member(books.anna), amount: .minorUnits(old.booked.amount))]
    other.entries.append(entry)
    other.lastNumber = 900
    return String(decoding: try JSON.encode(other), as: UTF8.self)
  }

  @Test(arguments: Backend.available) func contentsAreKept(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (a, b, c) = (books.anna, books.bob, books.carl)
      let categories = try await books.send("POST", "/categories/standard").decode(
        Page<KittyShared.Category>.self
      ).items
      let child = try #require(categories.first { $0.parent != nil })
      let parent = try #require(categories.first { $0.id == child.parent })
      for number in 0..<20 {
        _ = try await expense(
          books,
          NewExpense(
            description: "Shop \(number)", amount: .minorUnits(1099), date: Day("2026-05-01"), note: "a\nb",
            category: child.id, tags: ["home"], payer: .member(b),
            split: SplitRule(
              .items,
              items: [
                .init("Bread", amount: .minorUnits(500), members: [a, b, c]),
                .init("Wine", amount: .minorUnits(550), members: [a, b], category: parent.id),
              ], tip: .minorUnits(49))))
      }
      let trip = try await expense(
        books,
        NewExpense(
          description: "Trip", amount: .minorUnits(10_001), currency: Currency(code: "USD"),
          rate: Rate("0.91"),
          date: Day("2026-05-02"),
          payers: [Payer(.member(a), amount: .minorUnits(3334)), Payer(.kitty, amount: .minorUnits(6667))],
          split: .init(.shares, parts: [.init(a, weight: 2), .init(b, weight: 1), .init(c, weight: 0)])))
      let refund = try await books.enter(
        "/expenses",
        #"{"description": "Back", "amount": "-30", "refundOf": "\#(trip.id)", "date": "2026-05-03"}"#)
      let file = try await export(books)
      let there = try await other(books)
      let report = try await there.importFile(file)
      #expect(report.newCategories == [parent.name, child.name])
      let entries = try await there.get(Page<Entry>.self, "/entries?limit=100").items
      let shops = entries.filter { $0.description.hasPrefix("Shop") }
      #expect(shops.allSatisfy { $0.split?.items?.count == 2 && $0.tags == ["home"] && $0.note == "a\nb" })
      let made = try await there.get(Page<KittyShared.Category>.self, "/categories").items
      #expect(made.first { $0.name == child.name }?.parent == made.first { $0.name == parent.name }?.id)
      let (trip2, refund2) = (
        try #require(entries.first { $0.description == "Trip" }),
        try #require(entries.first { $0.description == "Back" })
      )
      #expect(trip2.rate == trip.rate && trip2.amount == trip.amount && trip2.split?.method == .shares)
      #expect(refund2.refundOf == trip2.id && refund2.rate == refund.rate && refund2.booked == refund.booked)
      // The import is undone with its own refunds, and not when a member refunded more.
      let more = try await there.enter(
        "/expenses", #"{"description": "More", "amount": "-10", "refundOf": "\#(trip2.id)"}"#)
      let path = "/imports/\(try #require(report.id))"
      let refused = try await there.send("DELETE", path)
      try expectProblem(refused, 409, "has_refunds")
      #expect(refused.text.contains("#\(more.number)"))
      #expect(try await there.send("DELETE", "/entries/\(more.id)").status == 204)
      // A refund that was changed since is history, and so is its expense.
      let changed = try await there.send(
        "PATCH", "/expenses/\(refund2.id)", #"{"description": "Back again"}"#, headers: [("If-Match", "*")])
      #expect(changed.status == 200, "\(changed.text)")
      try expectProblem(try await there.send("DELETE", path), 409, "changed_since")
      #expect(try await there.send("DELETE", path + "?force=true").status == 204)
      #expect(try await there.get(Page<Entry>.self, "/entries").items.isEmpty)
      #expect(try await balances(there).isEmpty)
    }
  }

  @Test func membersAndCurrenciesOfAnotherGroup() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      try await books.fill(seed: 8, steps: 40)
      let wanted = try await balances(books)
      let file = try await export(books)
      // In a group with another currency, what had a rate is in the currency of the balances.
      let dollars = try await other(books, currency: "USD")
      #expect(try await !dollars.importFile(file).differs)
      #expect(try await balances(dollars) == wanted)
      let copy = try await other(books, guests: [])
      #expect(try await copy.send("POST", "/import", try await export(dollars)).status == 200)
      // Two members are one.
      let one = try await other(books)
      let map = try #require(
        #"{"Carl": "Bob"}"#.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
      let report = try await one.importFile(file, query: "?map=\(map)")
      #expect(!report.differs && report.members.map(\.here).count { $0 == "Bob" } == 2)
      for currency in ["EUR", "USD", "JPY", "KWD"] {
        let both = (wanted["Bob \(currency)"] ?? 0) + (wanted["Carl \(currency)"] ?? 0)
        #expect(try await balances(one)["Bob \(currency)"] ?? 0 == both)
      }
      let again = try await other(books, guests: [])
      #expect(try await again.send("POST", "/import", try await export(one)).status == 200)
      #expect(try await one.importFile(file, query: "?map=\(map)").id == nil)
    }
  }

  @Test func countOfTheKittyStays() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.bob)", "to": "kitty", "amount": "50", "date": "2026-03-01"}"#)
      _ = try await books.enter(
        "/payments", #"{"from": "kitty", "to": "\#(books.carl)", "amount": "20", "date": "2026-03-02"}"#)
      let file = try await export(books)
      let there = try await other(books)
      let first = try await there.importFile(file)
      #expect(first.payments == 2 && first.expenses == 0)
      #expect(try await there.send("POST", "/kitty/counts", #"{"counted": "29"}"#).status == 201)
      let counted = try await there.send("DELETE", "/imports/\(try #require(first.id))?force=true")
      try expectProblem(counted, 409, "counted_since")
      #expect(try await there.send("DELETE", "/entries/3").status == 204)
      #expect(try await there.send("DELETE", "/imports/\(try #require(first.id))").status == 204)

      #expect(try await there.send("POST", "/kitty/counts", #"{"counted": "1"}"#).status == 201)
      let refused = try await there.sendFile(Data(file.utf8))
      try expectProblem(refused, 409, "counted_since")
      #expect(refused.text.contains("entries.0"))
      // More than was ever put into the kitty is not paid out of it.
      let empty = try await other(books)
      let journal = try await export(books, "hledger")
        .replacing("50.00 EUR  ; sent", with: "10.00 EUR  ; sent")
        .replacing("-50.00 EUR", with: "-10.00 EUR")
      try expectProblem(try await empty.sendFile(Data(journal.utf8)), 409, "not_in_the_pot")
    }
  }

  @Test func reportTellsWhatStaysBehind() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      try await books.fill(seed: 9, steps: 40)
      let there = try await other(books)
      let report = try await there.importFile(try await export(books), query: "?dryRun=true")
      #expect(report.format == .kittycash && report.name == "Flat")
      let notices = report.notices.joined(separator: "\n")
      for words in [
        "deleted entr", "earlier version", "comment", "rules for recurring entries are not imported",
        "target for the kitty", "entries of rules are entries of their own",
        "count of the kitty is an expense",
      ] { #expect(notices.contains(words), "\(words) in \(notices)") }
    }
  }
}
