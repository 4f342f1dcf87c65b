import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// What people do, over HTTP, on both databases.
@Suite struct StoryTests {
  @Test(arguments: Backend.available) func aHundredAmongThree(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let id = ID(at: .now)
      let answer = try await server.send(
        "POST", "/v1/groups/\(group.id)/expenses", token: token,
        json: #"{"id": "\#(id)", "description": " Dinner ", "amount": "100.00", "payer": "\#(group.me)"}"#)
      #expect(answer.status == 201)
      #expect(answer.header("Location") == "/v1/groups/\(group.id)/expenses/\(id)")
      #expect(answer.header("ETag") == "\"1\"")
      let expense = try answer.decode(Entry.self)
      #expect(expense.number == 1 && expense.description == "Dinner" && expense.currency.code == "EUR")
      // The very shares that a client shows before it sends the expense.
      #expect(expense.shares == (try Split.equally(members.map(\.id)).shares(of: 10_000, seed: id)))
      #expect((expense.shares ?? []).map(\.amount).sorted() == [3333, 3333, 3334])

      let balances = try await server.balances(group.id, token)
      #expect(balances.map(\.name) == ["anna", "Bob", "Carl"])
      #expect(balances.reduce(0) { $0 + $1.net } == 0)
      for balance in balances {
        let share = try #require((expense.shares ?? []).first { $0.member == balance.member }).amount
        #expect(balance.share == share)
        #expect(balance.paid == (balance.member == group.me ? 10_000 : 0))
        #expect(balance.net == balance.paid - balance.share)
      }
      let groups = try await server.send("GET", "/v1/groups", token: token).decode(Page<Group>.self).items
      #expect(groups.map(\.memberCount) == [3])
      #expect(
        groups[0].balances.map(\.amount) == [try #require(balances.first { $0.member == group.me }).net])
      let read = try await server.send("GET", "/v1/groups/\(group.id)/expenses/\(id)", token: token)
      #expect(try read.decode(Entry.self) == expense)
    }
  }

  @Test(arguments: Backend.available) func deletingTakesAnExpenseOutOfTheBalances(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)/expenses"
      var ids: [ID] = []
      for amount in [1000, 77] {
        let json = #"{"description": "x", "amount": \#(amount), "payer": "\#(group.me)"}"#
        ids.append(try await server.send("POST", path, token: token, json: json).decode(Entry.self).id)
      }
      let before = try await server.balances(group.id, token)
      let stale = try await server.send(
        "DELETE", "\(path)/\(ids[0])", token: token, headers: [("If-Match", "\"9\"")])
      #expect(stale.status == 412)
      #expect(try await server.balances(group.id, token) == before)
      let done = try await server.send(
        "DELETE", "\(path)/\(ids[0])", token: token, headers: [("If-Match", "\"1\"")])
      #expect(done.status == 204)
      // Once more: it is gone, as was asked for, and nothing is taken out twice.
      #expect(try await server.send("DELETE", "\(path)/\(ids[0])", token: token).status == 204)
      let after = try await server.balances(group.id, token)
      #expect(after.reduce(0) { $0 + $1.net } == 0)
      #expect(after.first { $0.member == group.me }?.paid == 77)
      let list = try await server.send("GET", path, token: token).decode(Page<Entry>.self)
      #expect(list.items.map(\.id) == [ids[1]])
      let deleted = try await server.send("GET", "\(path)/\(ids[0])", token: token).decode(Entry.self)
      #expect(deleted.deletedAt != nil && deleted.version == 2)
    }
  }

  @Test(arguments: Backend.available) func pagesListEverythingOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token, guests: ["Bob"])
      let path = "/v1/groups/\(group.id)/expenses"
      for number in 1...7 {
        let json =
          #"{"description": "x", "amount": 5, "payer": "\#(group.me)", "date": "2026-01-0\#(1 + number % 3)"}"#
        #expect(try await server.send("POST", path, token: token, json: json).status == 201)
      }
      var seen: [Entry] = []
      var next: String? = "\(path)?limit=3"
      while let link = next {
        let answer = try await server.send("GET", link, token: token)
        seen += try answer.decode(Page<Entry>.self).items
        next = answer.header("Link").map { String($0.split(separator: ">")[0].dropFirst()) }
      }
      #expect(seen.count == 7)
      #expect(Set(seen.map(\.number)) == Set(1...7))
      let sorted = seen.sorted { ($0.date, $0.number) > ($1.date, $1.number) }
      #expect(seen.map(\.number) == sorted.map(\.number))

      for number in 0..<5 {
        _ = try await server.send(
          "POST", "/v1/groups", token: token, json: #"{"name": "G\#(number)", "currency": "JPY"}"#)
      }
      let first = try await server.send("GET", "/v1/groups?limit=4", token: token).decode(Page<Group>.self)
      let cursor = try #require(first.next)
      let rest = try await server.send("GET", "/v1/groups?limit=4&cursor=\(cursor)", token: token).decode(
        Page<Group>.self)
      #expect(Set((first.items + rest.items).map(\.name)) == ["Flat", "G0", "G1", "G2", "G3", "G4"])
      #expect(rest.next == nil)
    }
  }

  @Test(arguments: Backend.available) func aGroupIsRenamedArchivedAndBroughtBack(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)"
      #expect(try await server.send("PATCH", path, token: token, json: #"{"name": "New"}"#).status == 428)
      let old = [("If-Match", "\"99\"")]
      #expect(
        try await server.send("PATCH", path, token: token, json: #"{"name": "New"}"#, headers: old).status
          == 412)
      let version = [("If-Match", "\"\(group.version)\"")]
      let renamed = try await server.send(
        "PATCH", path, token: token, json: #"{"name": "New"}"#, headers: version)
      #expect(try renamed.decode(Group.self).name == "New")
      #expect(renamed.header("ETag") == "\"\(group.version + 1)\"")
      // The version that was read before is stale now.
      #expect(
        try await server.send("PATCH", path, token: token, json: #"{"name": "B"}"#, headers: version).status
          == 412)
      let any = [("If-Match", "*")]
      let archived = try await server.send(
        "PATCH", path, token: token, json: #"{"archived": true}"#, headers: any)
      #expect(try archived.decode(Group.self).archivedAt != nil)
      for (method, route, json) in [
        ("POST", "/members", #"{"name": "Dora"}"#),
        ("POST", "/expenses", #"{"description": "x", "amount": 1, "payer": "\#(group.me)"}"#),
      ] {
        let refused = try await server.send(method, path + route, token: token, json: json)
        #expect(try refused.problem().code == "archived")
      }
      #expect(try await server.send("DELETE", "\(path)/members/\(members[1].id)", token: token).status == 409)
      #expect(try await server.send("GET", "\(path)/balances", token: token).status == 200)
      #expect(try await server.send("GET", "/v1/groups", token: token).decode(Page<Group>.self).items.isEmpty)
      let list = try await server.send("GET", "/v1/groups?archived=true", token: token).decode(
        Page<Group>.self)
      #expect(list.items.map(\.id) == [group.id])
      let back = try await server.send(
        "PATCH", path, token: token, json: #"{"archived": false}"#, headers: any)
      #expect(try back.decode(Group.self).archivedAt == nil)
    }
  }

  @Test(arguments: Backend.available) func aMemberLeavesOnlyWithNothingOpen(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)"
      let json =
        #"{"description": "x", "amount": 300, "payer": "\#(group.me)", "participants": ["\#(group.me)", "\#(members[1].id)"]}"#
      #expect(try await server.send("POST", "\(path)/expenses", token: token, json: json).status == 201)
      let owes = try await server.send("DELETE", "\(path)/members/\(members[1].id)", token: token)
      #expect(try owes.problem().code == "balance_not_zero")
      #expect(try owes.problem().detail.contains("-1.50 EUR"))
      let owner = try await server.send("DELETE", "\(path)/members/\(group.me)", token: token)
      #expect(try owner.problem().code == "is_owner")
      #expect(try await server.send("DELETE", "\(path)/members/\(members[2].id)", token: token).status == 204)
      #expect(try await server.send("DELETE", "\(path)/members/\(members[2].id)", token: token).status == 404)
      // Their name is free again, and the former member is there for those who ask.
      #expect(
        try await server.send("POST", "\(path)/members", token: token, json: #"{"name": "CARL"}"#).status
          == 201)
      let all = try await server.send("GET", "\(path)/members?removed=true", token: token).decode(
        Page<Member>.self)
      #expect(all.items.map(\.name) == ["anna", "Bob", "Carl", "CARL"])
      // A former member takes no part in anything new.
      let gone = #"{"description": "x", "amount": 1, "payer": "\#(members[2].id)"}"#
      let refused = try await server.send("POST", "\(path)/expenses", token: token, json: gone)
      #expect(try refused.problem().errors?.first?.field == "payer")
    }
  }

  @Test(arguments: Backend.available) func signingOutTakesEffectAtOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend, redis: backend == .postgres ? Backend.redisURL : nil) {
      (server) async throws in
      let token = try await server.signUp()
      let second = try await server.send(
        "POST", "/v1/sessions", json: #"{"name": "ANNA", "password": "a long password"}"#
      ).decode(Session.self).token
      for _ in 0..<3 { #expect(try await server.send("GET", "/v1/me", token: token).status == 200) }
      #expect(try await server.send("DELETE", "/v1/sessions/current", token: token).status == 204)
      #expect(try await server.send("GET", "/v1/me", token: token).status == 401)
      #expect(try await server.send("GET", "/v1/me", token: second).status == 200)
    }
  }

  @Test(arguments: Backend.available) func currenciesOfNoTwoAndThreeDecimals(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      for (code, text, units) in [("JPY", "100", 100), ("EUR", "1.00", 100), ("KWD", "0.100", 100)]
        as [(String, String, Int64)]
      {
        let (group, _) = try await server.makeGroup(token, currency: code)
        let json = #"{"description": "x", "amount": "\#(text)", "payer": "\#(group.me)"}"#
        let expense = try await server.send(
          "POST", "/v1/groups/\(group.id)/expenses", token: token, json: json
        ).decode(Entry.self)
        #expect(expense.amount == units)
        #expect((expense.shares ?? []).map(\.amount).sorted() == [33, 33, 34])
        // Another currency beside it is kept apart.
        let other = #"{"description": "x", "amount": 9, "currency": "CHF", "payer": "\#(group.me)"}"#
        #expect(
          try await server.send("POST", "/v1/groups/\(group.id)/expenses", token: token, json: other).status
            == 201)
        let balances = try await server.balances(group.id, token)
        for currency in [code, "CHF"] {
          #expect(balances.filter { $0.currency.code == currency }.reduce(0) { $0 + $1.net } == 0)
        }
        #expect(balances.count == 6)
      }
    }
  }
}
