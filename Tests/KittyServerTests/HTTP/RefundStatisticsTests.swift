import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// A refund with `refundOf` lessens the categories, tags and members of its expense, so that a whole refund leaves nothing in
/// any statistics.
@Suite struct RefundStatisticsTests {
  private static let dimensions = [
    "category", "tag", "member", "payer", "kind", "month", "category,member", "category,payer", "tag,member",
    "month,category",
  ]

  private func category(_ name: String, _ books: GroupFixture) async throws -> ID {
    let answer = try await books.send("POST", "/categories", #"{"name": "\#(name)"}"#)
    return try answer.decode(KittyShared.Category.self).id
  }

  private func spent(_ by: String, _ books: GroupFixture) async throws -> [Statistics.Row] {
    try await books.get(Statistics.self, "/statistics?by=\(by)").rows
  }

  private func refund(_ expense: Entry, _ amount: Int64, _ more: String = "", _ books: GroupFixture)
    async throws -> Entry
  {
    try await books.enter(
      "/expenses", #"{"description": "back", "amount": \#(amount), "refundOf": "\#(expense.id)"\#(more)}"#)
  }

  private func expectNothing(
    _ books: GroupFixture, _ comment: String, _ by: [String] = dimensions,
    _ line: SourceLocation = #_sourceLocation
  ) async throws {
    for by in by {
      let left = try await spent(by, books).filter { $0.spent != 0 || ($0.paid ?? 0) != 0 }
      #expect(left.isEmpty, "\(comment) by \(by): \(left)", sourceLocation: line)
    }
  }

  /// The fields of expenses: plain, with items of several categories, with tags of items, with a rate.
  private func forms(_ books: GroupFixture) async throws -> [String] {
    let (food, drinks) = (try await category("Food", books), try await category("Drinks", books))
    let bob = #""members": ["\#(books.bob)"]"#
    let two = #""members": ["\#(books.anna)", "\#(books.carl)"]"#
    let items = """
      "split": {"method": "items", "items": [
        {"description": "Cheese", "amount": "9.00", "category": "\(food)"},
        {"description": "Wine #red", "amount": "5.00", "category": "\(drinks)", \(two)},
        {"description": "Juice", "amount": "1.00", "category": "\(drinks)", "tags": ["soft"], \(bob)},
        {"amount": "1.00"}, {"description": "Bottle", "amount": "-1.00", "category": "\(drinks)", \(two)}],
        "tip": "2.00"}
      """
    return [
      #""amount": "17.00", "category": "\#(food)", "tags": ["a"], "payer": "\#(books.anna)""#,
      #""amount": "17.00", "category": "\#(food)", "payer": "\#(books.anna)", \#(items)"#,
      #""amount": "17.00", "payer": "kitty", \#(items)"#,
      #""amount": "17.00", "currency": "USD", "rate": "0.8937", "payer": "\#(books.bob)", \#(items)"#,
      #""amount": "17.00", "category": "\#(drinks)", "payers": [{"account": "\#(books.anna)", "amount": "10.01"}, {"account": "\#(books.bob)", "amount": "6.99"}], \#(items)"#,
    ]
  }

  @Test(arguments: Backend.available) func wholeRefundLeavesNothing(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for (index, fields) in try await forms(books).enumerated() {
        let expense = try await books.enter("/expenses", #"{"description": "Shop #trip", \#(fields)}"#)
        let whole = try await refund(expense, -1700, "", books)
        #expect(whole.category == expense.category && whole.tags == expense.tags)
        #expect(whole.content.allTags == expense.content.allTags)
        #expect(whole.shares == expense.shares?.map { .init(member: $0.member, amount: -$0.amount) })
        try await expectNothing(books, "form \(index)")
      }
      try await expectCopy(books)
    }
  }

  @Test(arguments: Backend.available) func partialRefundsLeaveNothing(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for (index, fields) in try await forms(books).enumerated() {
        let expense = try await books.enter("/expenses", #"{"description": "Shop #trip", \#(fields)}"#)
        for amount in [-333, -1, -700, -666] as [Int64] {
          let part = try await refund(expense, amount, "", books)
          #expect(part.content.allTags == expense.content.allTags)
        }
        try await expectNothing(
          books, "form \(index)", Self.dimensions.filter { $0 != "category,payer" || index < 3 })
      }
      try await expectCopy(books)
    }
  }

  /// A unit as entered is worth 250 booked ones: the part of a member may be less than a unit.
  @Test(arguments: Backend.available) func refundOfLessThanAUnitForAMemberIsImported(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend, currency: "VND") { books in
      let water = try await category("Water", books)
      let expense = try await books.enter(
        "/expenses",
        """
        {"description": "Hotel", "amount": "200.00", "currency": "USD", "rate": "25000", "payer": "\(books.anna)",
         "split": {"method": "items", "items": [
           {"amount": "199.50", "members": ["\(books.anna)", "\(books.bob)"]},
           {"amount": "0.50", "members": ["\(books.carl)"], "category": "\(water)"}]}}
        """)
      for amount in [-100, -1, -7, -19892] as [Int64] { _ = try await refund(expense, amount, "", books) }
      try await expectNothing(books, "in parts", ["category", "member", "month"])
      try await expectCopy(books)
    }
  }

  @Test(arguments: Backend.available, [UInt64(1), 2]) func randomRefundsLeaveNothingInACategory(
    backend: Backend, seed: UInt64
  ) async throws {
    try await GroupFixture.run(on: backend, guests: ["Bob", "Carl", "Dora", "Emil"]) { books in
      var random = Seeded(seed)
      let categories = [try await category("A", books), try await category("B", books)]
      for _ in 0..<6 {
        let items = (0..<Int.random(in: 2...7, using: &random)).map { _ in
          (
            amount: Int64.random(in: 1...900, using: &random),
            category: (categories + [nil]).randomElement(using: &random) ?? nil,
            members: Array(
              books.members.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random)))
          )
        }
        let total = items.reduce(0) { $0 + $1.amount }
        let lines: String = items.map { item -> String in
          let members = item.members.map { "\"\($0.id)\"" }.joined(separator: ", ")
          let own = item.category.map { #", "category": "\#($0)""# } ?? ""
          return #"{"amount": \#(item.amount), "members": [\#(members)]\#(own)}"#
        }.joined(separator: ", ")
        let expense = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": \#(total), "payer": "\#(books.bob)", "split": {"method": "items", "items": [\#(lines)]}}"#
        )
        var rest = total
        while rest > 0 {
          let part = min(rest, Int64.random(in: 1...(total / 2 + 1), using: &random))
          _ = try await refund(expense, -part, "", books)
          rest -= part
        }
        try await expectNothing(books, "\(lines)", ["category", "member", "payer", "month,category"])
      }
      try await expectCopy(books)
    }
  }

  @Test(arguments: Backend.available) func refundHasItsOwnWhereItNamesThem(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (food, home) = (try await category("Food", books), try await category("Home", books))
      let expense = try await books.enter(
        "/expenses",
        #"{"description": "x #trip", "amount": 1000, "payer": "\#(books.anna)", "category": "\#(food)"}"#)
      let own = try await refund(expense, -300, #", "category": "\#(home)", "tags": []"#, books)
      #expect(own.category == home && own.tags == nil)
      let tagged = try await refund(expense, -100, #", "tags": ["b"]"#, books)
      #expect(tagged.category == food && tagged.tags == ["b"])
      // An archived category stays on what lessens it.
      let archived = try await books.send(
        "PATCH", "/categories/\(food)", #"{"archived": true}"#, headers: [("If-Match", "*")])
      #expect(archived.status == 200)
      let late = try await refund(expense, -200, "", books)
      #expect(late.category == food && late.tags == ["trip"])
      let changed = try await books.send(
        "PATCH", "/expenses/\(late.id)", #"{"amount": -150, "category": null}"#,
        headers: [("If-Match", "*")]
      ).decode(Entry.self)
      #expect(changed.category == nil && changed.amount == -150 && changed.tags == ["trip"])
    }
  }

  /// The export is imported as it is, and gives the same file again.
  private func expectCopy(_ books: GroupFixture) async throws {
    let file = try await books.send("GET", "/export").text
    let made = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
    let copy = try made.decode(Group.self).id
    let answer = try await books.send("POST", "/v1/groups/\(copy)/import", file)
    #expect(answer.status == 200 || answer.status == 201, "\(answer.text)")
    let imported = try await books.get(Statistics.self, "/v1/groups/\(copy)/statistics?by=category")
    #expect(imported.rows == (try await books.get(Statistics.self, "/statistics?by=category").rows))
  }
}
