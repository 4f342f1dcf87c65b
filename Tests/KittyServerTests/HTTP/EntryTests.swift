import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Entries of every kind: versions, dry runs, closed months, restoring, lists.
@Suite struct EntryTests {
  @Test(arguments: Backend.available) func pagesContainEveryItemOnce(backend: Backend) async throws {
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

  @Test(arguments: Backend.available) func entryInClosedMonthIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let old = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "2026-03-31"}"#)
      let new = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "2026-04-01"}"#)
      let group = try await books.send("GET", "")
      let closed = try await books.send(
        "PATCH", "", #"{"closedUntil": "2026-03-31"}"#, headers: [("If-Match", group.header("ETag") ?? "")])
      #expect(try closed.decode(Group.self).closedUntil?.description == "2026-03-31")
      let json = #"{"description": "x", "amount": 3, "payer": "kitty", "date": "DAY"}"#
      let any = [("If-Match", "*")]
      for refused in [
        try await books.send("POST", "/expenses", json.replacing("DAY", with: "2026-03-31")),
        try await books.send("PATCH", "/expenses/\(old.id)", #"{"amount": 1}"#, headers: any),
        try await books.send("PATCH", "/expenses/\(new.id)", #"{"date": "2026-03-01"}"#, headers: any),
        try await books.send("DELETE", "/entries/\(old.id)"),
      ] {
        #expect(try refused.problem().code == "closed", "\(refused.text)")
      }
      #expect(
        try await books.send("POST", "/expenses", json.replacing("DAY", with: "2026-04-01")).status == 201)
      #expect(try await books.send("DELETE", "/entries/\(new.id)").status == 204)
      let opened = try await books.send("PATCH", "", #"{"closedUntil": null}"#, headers: any)
      #expect(try opened.decode(Group.self).closedUntil == nil)
      #expect(try await books.send("DELETE", "/entries/\(old.id)").status == 204)
    }
  }

  @Test(arguments: Backend.available) func dryRunWritesNothing(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let json = #"{"description": "x", "amount": "100", "payer": "\#(books.anna)"}"#
      let answer = try await books.send(
        "POST", "/expenses?dryRun=true", json, headers: [("Idempotency-Key", "k")])
      #expect(answer.status == 200)
      let preview = try answer.decode(EntryPreview.self)
      #expect(preview.entry.shares?.map(\.amount).reduce(0, +) == 10_000)
      #expect(preview.balances.map(\.net).reduce(0, +) == 0 && preview.balances[0].paid == 10_000)
      let payment = try await books.send(
        "POST", "/payments?dryRun=true", #"{"from": "\#(books.bob)", "to": "kitty", "amount": 5}"#)
      #expect(try payment.decode(EntryPreview.self).entry.kind == .contribution)
      #expect(try await books.get(Page<Entry>.self, "/entries?deleted=true").items.isEmpty)
      #expect(try await books.enter("/expenses", json).number == 1)
    }
  }

  /// The stored shares equal those of the preview to the last minor unit.
  @Test(arguments: Backend.available) func previewEqualsTheStoredEntry(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob, carl) = (books.anna, books.bob, books.carl)
      func parts(_ values: [String]) -> String {
        zip([anna, bob, carl], values).map { #"{"member": "\#($0)"\#($1)}"# }.joined(separator: ", ")
      }
      let splits = [
        #"{"method": "equally"}"#, #"{"method": "shares"}"#,
        #"{"method": "shares", "parts": [\#(parts([", \"weight\": 1", ", \"weight\": 1", ""]))]}"#,
        #"{"method": "percentages", "parts": [\#(parts([", \"percent\": \"33.33\"", ", \"percent\": \"33.33\"", ", \"percent\": \"33.34\""]))]}"#,
        #"{"method": "exact", "parts": [\#(parts([", \"amount\": \"0.50\"", ", \"amount\": \"0.50\""]))]}"#,
        #"{"method": "adjusted", "parts": [\#(parts([", \"amount\": 1", "", ""]))]}"#,
        #"{"method": "items", "items": [{"amount": "0.90"}], "tip": "0.10"}"#,
      ]
      for split in splits {
        for path in ["/expenses", "/kitty/counts"] {
          let isCount = path == "/kitty/counts"
          if isCount, split.contains("amount") { continue }
          let what =
            isCount
            ? #""counted": 100"# : #""description": "x", "amount": "1.00", "payer": "\#(anna)""#
          // With several ids, since the id decides which member bears the leftover cent.
          for _ in 0..<4 {
            let dry = try await books.send("POST", "\(path)?dryRun=true", "{\(what), \"split\": \(split)}")
            let preview = try dry.decode(EntryPreview.self)
            let made = try await books.enter(
              path, "{\"id\": \"\(preview.id)\", \(what), \"split\": \(split)}")
            #expect(made.id == preview.id && made.content == preview.entry, "\(split)")
            #expect(try await books.server.balances(books.group.id, books.token) == preview.balances)
            if isCount { _ = try await books.send("DELETE", "/entries/\(made.id)") }
          }
        }
      }
      let entry = try await books.get(Entry.self, "/entries/1")
      let dry = try await books.send(
        "PATCH", "/expenses/\(entry.id)?dryRun=true", #"{"amount": 101}"#, headers: [("If-Match", "*")])
      #expect(try dry.decode(EntryPreview.self).id == entry.id)
    }
  }

  @Test(arguments: Backend.available) func staleVersionGets412WithCurrentVersion(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let made = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      let member = try await books.send("GET", "/members/\(books.bob)")
      let group = try await books.send("GET", "")
      let stale = [("If-Match", "\"99\"")]
      for (answer, now) in [
        (try await books.send("PATCH", "/expenses/\(made.id)", #"{"amount": 1}"#, headers: stale), "\"1\""),
        (try await books.send("DELETE", "/entries/1", headers: stale), "\"1\""),
        (
          try await books.send("PATCH", "/members/\(books.bob)", #"{"weight": 2}"#, headers: stale),
          try #require(member.header("ETag"))
        ),
        (
          try await books.send("PATCH", "", #"{"name": "x"}"#, headers: stale),
          try #require(group.header("ETag"))
        ),
      ] {
        try expectFirstError(answer, 412, "stale")
        #expect(answer.header("ETag") == now && answer.text.contains("version \\\(now.dropLast())"))
      }
      for (tag, word) in [
        ("W/\"1\"", "weak"), ("x", "one ETag"), ("\"x\"", "one ETag"), ("\"1\", \"2\"", "one ETag"),
        ("\"", "one ETag"), ("\"1", "one ETag"), ("+1", "one ETag"), ("\"-1\"", "one ETag"),
      ] {
        let answer = try await books.send(
          "PATCH", "/expenses/\(made.id)", #"{"amount": 1}"#, headers: [("If-Match", tag)])
        try expectFirstError(answer, 400, "bad_if_match")
        #expect(answer.text.contains(word), "\(answer.text)")
      }
      // Concurrent requests with a stale version get the current version too.
      let answers = try await withThrowingTaskGroup(of: Answer.self) { tasks in
        for client in 0..<12 {
          tasks.addTask {
            try await books.send(
              "PATCH", "/expenses/\(made.id)", #"{"amount": \#(client + 1)}"#,
              headers: [("If-Match", "\"1\"")])
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.filter { $0.status == 200 }.count == 1)
      #expect(answers.allSatisfy { $0.header("ETag") == "\"2\"" })
    }
  }

  @Test(arguments: Backend.available) func concurrentEditsOfOneVersionGet412ButOne(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let made = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      for round in 1...5 {
        let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
          for client in 0..<8 {
            tasks.addTask {
              try await books.send(
                "PATCH", "/expenses/\(made.id)", #"{"amount": \#(round * 1000 + client)}"#,
                headers: [("If-Match", "\"\(round)\"")]
              ).status
            }
          }
          return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 1, "\(statuses)")
        #expect(statuses.filter { $0 == 412 }.count == 7, "\(statuses)")
      }
      #expect(try await books.get(Entry.self, "/entries/1").version == 6)
    }
  }

  /// `If-Match: *` means any version, also one that another request writes at the same time.
  @Test(arguments: Backend.available) func concurrentEditsOfAnyVersionAllSucceed(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      let payment = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "\#(books.bob)", "amount": 300}"#)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for client in 1...30 {
          tasks.addTask {
            try await books.send(
              "PATCH", client % 2 == 0 ? "/expenses/\(expense.id)" : "/payments/\(payment.id)",
              #"{"amount": \#(client)}"#, headers: [("If-Match", "*")]
            ).status
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
      for number in [1, 2] { #expect(try await books.get(Entry.self, "/entries/\(number)").version == 16) }
    }
  }

  @Test(arguments: Backend.available) func concurrentDeletesAndRestoresKeepBalancesRight(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for client in 0..<24 {
          tasks.addTask {
            client % 2 == 0
              ? try await books.send("DELETE", "/entries/1").status
              : try await books.send("POST", "/entries/1/restore").status
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(statuses).isSubset(of: [200, 204]), "\(statuses)")
      let entry = try await books.get(Entry.self, "/entries/1")
      let paid = try await books.server.balances(books.group.id, books.token).map(\.paid).reduce(0, +)
      #expect(paid == (entry.deletedAt == nil ? 300 : 0))
    }
  }

  @Test(arguments: Backend.available) func memberChangesOnlyOwnEntriesWhenGroupRequiresIt(backend: Backend)
    async throws
  {
    try await RoleFixture.run(on: backend) { roles in
      let json = #"{"description": "x", "amount": 300, "payer": "kitty"}"#
      let own = try await roles.send(.member, "POST", "/expenses", json).decode(Entry.self).id
      let others = try await roles.send(.admin, "POST", "/expenses", json).decode(Entry.self).id
      let change = #"{"amount": 600}"#
      #expect(try await roles.send(.member, "PATCH", "/expenses/\(others)", change).status == 200)
      #expect(try await roles.send(.member, "PATCH", "", #"{"ownEntriesOnly": true}"#).status == 403)
      let set = try await roles.send(.admin, "PATCH", "", #"{"ownEntriesOnly": true}"#).decode(Group.self)
      #expect(set.ownEntriesOnly)
      #expect(try await roles.send(.member, "GET", "").decode(Group.self).ownEntriesOnly)
      for (method, path, json) in [
        ("PATCH", "/expenses/\(others)", change), ("PATCH", "/expenses/\(others)?dryRun=true", change),
        ("DELETE", "/expenses/\(others)", nil), ("DELETE", "/entries/\(others)", nil),
        ("POST", "/entries/\(others)/restore", nil),
      ] {
        try expectProblem(try await roles.send(.member, method, path, json), 403, "not_your_entry")
      }
      #expect(try await roles.send(.member, "PATCH", "/expenses/\(own)", change).status == 200)
      #expect(try await roles.send(.member, "DELETE", "/entries/\(own)").status == 204)
      #expect(try await roles.send(.admin, "POST", "/entries/\(own)/restore").status == 200)
      #expect(try await roles.send(.owner, "PATCH", "/expenses/\(own)", #"{"amount": 900}"#).status == 200)
      // The member who entered it can change it after changes by others.
      #expect(try await roles.send(.member, "DELETE", "/expenses/\(own)").status == 204)
      #expect(
        try await roles.send(.admin, "PATCH", "", #"{"name": "Renamed"}"#).decode(Group.self).ownEntriesOnly)
      // The exported file contains the setting, but no roles.
      let first = try await roles.send(.owner, "GET", "/export").text
      let made = try await roles.server.send(
        "POST", "/v1/groups", token: roles.tokens[.owner], json: #"{"name": "Copy", "currency": "USD"}"#)
      let copy = "/v1/groups/\(try made.decode(Group.self).id)"
      _ = try await roles.server.invite(try made.decode(Group.self).id, roles.tokens[.owner] ?? "")
      let imported = try await roles.server.send(
        "POST", "\(copy)/import", token: roles.tokens[.owner], json: first)
      #expect(try imported.decode(Group.self).ownEntriesOnly)
      #expect(try await roles.server.send("GET", "\(copy)/export", token: roles.tokens[.owner]).text == first)
      let members = try await roles.server.send("GET", "\(copy)/members", token: roles.tokens[.owner])
      #expect(
        try members.decode(Page<Member>.self).items.map(\.role) == [
          .owner, .guest, .guest, .guest, .guest, .guest,
        ])
      // The file of a group without the setting does not mention it.
      let off = try await roles.send(.owner, "PATCH", "", #"{"ownEntriesOnly": false}"#)
      #expect(try off.decode(Group.self).ownEntriesOnly == false)
      #expect(try await roles.send(.owner, "GET", "/export").text.contains("ownEntriesOnly") == false)
    }
  }

  @Test(arguments: Backend.available) func reversedDaysAreRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for path in [
        "/entries", "/statistics", "/balances/series", "/receipts.zip", "/charts/spending.svg",
        "/accounts/\(books.anna)/statement",
      ] {
        let answer = try await books.send("GET", "\(path)?from=2026-12-01&to=2026-01-01")
        try expectProblem(answer, 422, "invalid")
        #expect(try answer.problem().errors?.first?.code == "out_of_order", "\(path): \(answer.text)")
      }
    }
  }

  @Test(arguments: Backend.available) func messagesHaveNamesAndNoIDs(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      func message(_ split: String) async throws -> String {
        let answer = try await books.send(
          "POST", "/expenses",
          #"{"description": "x", "amount": 100, "payer": "\#(books.anna)", "split": \#(split)}"#)
        #expect(answer.status == 422, "\(answer.text)")
        return try answer.problem().errors?.first?.message ?? ""
      }
      let bob = #""members": ["\#(books.bob)"]"#
      #expect(
        try await message(
          #"{"method": "items", "items": [{"amount": 300}, {"amount": -200, \#(bob)}]}"#
        ).contains("that Bob bears"))
      #expect(
        try await message(
          #"{"method": "equally", "parts": [{"member": "\#(books.bob)"}, {"member": "\#(books.bob)"}]}"#
        ).hasPrefix("Bob is named twice"))
      #expect(try await books.send("DELETE", "/members/\(books.carl)").status == 204)
      let former = try await message(#"{"method": "equally", "parts": [{"member": "\#(books.carl)"}]}"#)
      #expect(former == "Carl is not a member of this group.")
    }
  }
}
