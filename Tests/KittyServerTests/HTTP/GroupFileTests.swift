import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Export of a group as a file, and import.
@Suite struct GroupFileTests {
  /// The net balances of a file, computed from the content of its entries without postings.
  private static func nets(_ file: GroupFile) throws -> [String: Int64] {
    var nets: [String: Int64] = [:]
    func add(_ account: LedgerAccount, _ amount: Int64, _ content: EntryContent) {
      nets["\(account) \(content.booked.currency)", default: 0] += amount
    }
    for entry in file.entries {
      guard let last = entry.revisions.last, last.action != .deleted else { continue }
      let content = last.content
      if let from = content.from, let to = content.to {
        add(from, content.booked.amount, content)
        add(to, -content.booked.amount, content)
      }
      for share in content.shares ?? [] { add(.member(share.member), -share.amount, content) }
      let payers = content.payers ?? []
      if payers.count == 1 {
        add(payers[0].account, content.booked.amount, content)
      } else if content.rate == nil {
        for case (let account, .minorUnits(let units)) in payers.map({ ($0.account, $0.amount) }) {
          add(account, units, content)
        }
      } else {
        // The converted parts of several payers, which LedgerTests checks against fixed numbers.
        for posting in content.postings(group: .first, entry: entry.id) where posting.kind == .paid {
          add(LedgerAccount(posting.account, in: .first), posting.amount.minorUnits, content)
        }
      }
    }
    return nets.filter { $0.value != 0 }
  }

  @Test(arguments: Backend.available, ["EUR", "JPY", "KWD"])
  func importedGroupEqualsTheExported(backend: Backend, currency: String) async throws {
    try await GroupFixture.run(on: backend, guests: ["Bob", "Carl", "Emil"], currency: currency) { books in
      let any = [("If-Match", "*")]
      for (member, weight) in [(books.bob, 0), (books.carl, 7)] {
        let answer = try await books.send(
          "PATCH", "/members/\(member)", #"{"weight": \#(weight)}"#, headers: any)
        #expect(answer.status == 200)
      }
      // Emil leaves with a zero balance, and a restored expense gives him a balance again.
      let emil = books.members[3].id
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 1001, "payer": "\#(books.anna)"}"#)
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.send("DELETE", "/members/\(emil)").status == 204)
      #expect(try await books.send("POST", "/entries/1/restore").status == 200)
      let present = GroupFixture(
        server: books.server, token: books.token, group: books.group, members: Array(books.members.prefix(3)))
      try await present.fill(seed: 4)
      let first = try await books.send("GET", "/export").text
      let file = try JSON.decode(GroupFile.self, from: Data(first.utf8))
      let found = try await books.server.balances(books.group.id, books.token).filter { $0.net != 0 }
      #expect(found.contains { $0.member == emil })
      #expect(
        try Self.nets(file)
          == Dictionary(uniqueKeysWithValues: found.map { ("\($0.account) \($0.currency)", $0.net) }))
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      let path = "/v1/groups/\(other.id)"
      let imported = try await books.send("POST", "\(path)/import", first)
      #expect(imported.status == 200, "\(imported.text)")
      #expect(try await books.send("GET", "\(path)/export").text == first)
      let before = try await books.server.balances(books.group.id, books.token)
      #expect(try await books.server.balances(other.id, books.token) == before)
      #expect(try imported.decode(Group.self).me == books.anna)
      // The copy accepts new entries, and no second import.
      let json = #"{"description": "x", "amount": 1, "payer": "kitty"}"#
      #expect(try await books.send("POST", "\(path)/expenses", json).status == 201)
      let again = try await books.send("POST", "\(path)/import", first)
      #expect(try again.problem().code == "not_empty")
    }
  }

  @Test(arguments: Backend.available) func changedGroupFileIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "100", "payer": "\#(books.anna)"}"#)
      let file = try await books.send("GET", "/export").text
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      for (old, new) in [
        (#""amount":3333"#, #""amount":3332"#), (#""number":1"#, #""number":2"#),
        (#""action":"created""#, #""action":"restored""#),
        (books.bob.description, books.group.id.description),
        (GroupFile.format, "other"), (#""lastNumber""#, #""lastNumbers""#),
      ] {
        guard let range = file.range(of: old, options: .backwards) else {
          Issue.record("\(old) is not in \(file)")
          continue
        }
        let forged = file.replacingCharacters(in: range, with: new)
        let answer = try await books.send("POST", "/v1/groups/\(other.id)/import", forged)
        #expect(answer.status == 422, "\(old) → \(new): \(answer.text)")
      }
      let group = try await books.send("GET", "/v1/groups/\(other.id)").decode(Group.self)
      #expect(group.name == "Empty" && group.version == 1)
    }
  }

  /// An import writes no balance for an account whose postings cancel out, and the audit misses none.
  @Test(arguments: Backend.available) func importOfCancelledPostingsIsClean(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for amount in ["5.00", "-5.00"] {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": "\#(amount)", "payer": "\#(books.anna)", "participants": ["\#(books.bob)"]}"#
        )
      }
      let file = try await books.send("GET", "/export").text
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "EUR"}"#)
        .decode(Group.self)
      #expect(try await books.send("POST", "/v1/groups/\(other.id)/import", file).status == 200)
      let dependencies = books.server.dependencies
      let rows = try await dependencies.database.read(
        "select account_id from balances where group_id = \(other.id)")
      #expect(rows.isEmpty)
      try await GroupFixture.expectClean(books.server)
      let audit = Audit(database: dependencies.database, photos: dependencies.photos)
      let outcome = try await audit.repairBalances(WriteContext())
      #expect(outcome.repaired.isEmpty && outcome.refused.isEmpty)
    }
  }

  /// Debts and plans of a copy are those of the group, to the cent: the kitty does not count by the id of its group.
  @Test(arguments: Backend.available) func copyHasTheSameDebtsAndPlan(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for _ in 0..<12 {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": 2, "payers": [{"account": "\#(books.anna)", "amount": 1}, {"account": "kitty", "amount": 1}]}"#
        )
      }
      let debts = try await books.get(Debts.self, "/debts")
      let plan = try await books.get(SettlementPlan.self, "/settlement")
      #expect(debts.debts.contains { $0.to == .kitty } && plan.payments.contains { $0.to == .kitty })
      let file = try await books.send("GET", "/export").text
      for _ in 0..<8 {
        let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
          .decode(Group.self)
        #expect(try await books.send("POST", "/v1/groups/\(copy.id)/import", file).status == 200)
        #expect(try await books.get(Debts.self, "/v1/groups/\(copy.id)/debts") == debts)
        #expect(try await books.get(SettlementPlan.self, "/v1/groups/\(copy.id)/settlement") == plan)
      }
    }
  }

  /// An import replaces the members, so it is refused when other users are members.
  @Test(arguments: Backend.available) func importIntoGroupWithOtherMembersIsRefused(backend: Backend)
    async throws
  {
    try await RoleFixture.run(on: backend) { roles in
      let file = try await roles.send(.owner, "GET", "/export").text
      try expectProblem(try await roles.send(.owner, "POST", "/import", file), 409, "not_empty", "joined")
      for role in [Member.Role.admin, .member, .viewer] {
        #expect(try await roles.send(role, "GET", "").status == 200)
        #expect(try await roles.send(role, "POST", "/leave").status == 204)
      }
      #expect(try await roles.send(.owner, "POST", "/import", file).status == 200)
    }
  }
}
