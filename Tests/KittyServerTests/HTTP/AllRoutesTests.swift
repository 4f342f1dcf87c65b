import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Paging, versions, idempotency keys and dry runs work on every route that should have them. Generated from the
/// route table.
@Suite struct AllRoutesTests {
  /// A group with two items of every kind.
  private struct FullGroupFixture {
    let books: GroupFixture
    let entry: Entry
    let payment: Entry
    let category: ID
    /// A rule for recurring entries with two proposals.
    let rule: ID
    let round: ID

    static func run(on backend: Backend, _ body: (FullGroupFixture) async throws -> Void) async throws {
      try await GroupFixture.run(on: backend) { (books) async throws in
        var entries: [Entry] = []
        for number in 1...2 {
          let json = #"{"description": "x", "amount": \#(number * 300), "payer": "\#(books.anna)"}"#
          entries.append(try await books.enter("/expenses", json))
        }
        var payments: [Entry] = []
        for _ in 1...2 {
          payments.append(
            try await books.enter(
              "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": 5000}"#))
        }
        for _ in 1...2 {
          let comment = try await books.send(
            "POST", "/entries/\(entries[0].id)/comments", #"{"text": "Comment"}"#)
          #expect(comment.status == 201)
        }
        _ = try await books.server.makeGroup(books.token)
        _ = try await books.server.signIn()
        for _ in 1...2 {
          _ = try await books.server.makeToken(books.token)
          _ = try await books.send("POST", "/v1/me/keys", #"{"key": "\#(SSHKeyPair.anyLine)"}"#)
          _ = try await books.server.invite(books.group.id, books.token)
          _ = try await books.send(
            "PUT", "/v1/me/files/\(ID(at: .now))", #"{"content": "Text"}"#)
        }
        let category = ID(at: .now)
        for json in [#"{"name": "Food"}"#, #"{"id": "\#(category)", "name": "Home"}"#] {
          #expect(try await books.send("POST", "/categories", json).status == 201)
        }
        let rules = [ID(at: .now), ID(at: .now)]
        for rule in rules {
          let made = try await books.send(
            "POST", "/recurring",
            #"{"id": "\#(rule)", "template": {"payment": {"from": "\#(books.anna)", "to": "kitty", "amount": 5}}, "every": {"n": 1, "unit": "day"}, "from": "2026-01-01", "times": 2, "mode": "propose"}"#
          )
          #expect(made.status == 201, "\(made.text)")
        }
        try await books.server.dependencies.recurringBooks.bookAll(at: .now)
        // Two revisions, and two currencies and members with a contribution.
        let changed = try await books.send(
          "PATCH", "/expenses/\(entries[0].id)", #"{"amount": 330}"#, headers: [("If-Match", "*")])
        entries[0] = try changed.decode(Entry.self)
        _ = try await books.enter("/payments", #"{"from": "\#(books.bob)", "to": "kitty", "amount": 5000}"#)
        _ = try await books.enter(
          "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": 7, "currency": "USD"}"#)
        let round = ID(at: .now)
        for id in [round, ID(at: .now)] {
          #expect(try await books.send("POST", "/settlements", #"{"id": "\#(id)"}"#).status == 201)
          #expect(try await books.send("DELETE", "/settlements/\(id)").status == 204)
        }
        for number in 1...2 {
          _ = try await books.importFile(ImportSamples.file(number: number))
        }
        try await body(
          FullGroupFixture(
            books: books, entry: entries[0], payment: payments[0], category: category, rule: rules[0],
            round: round))
      }
    }

    /// The path of a route, with the ids of existing items.
    func path(_ route: Route) -> String {
      let second: ID =
        if route.path.contains("{payment}") {
          payment.id
        } else if route.path.contains("{settlement}") {
          round
        } else if route.path.contains("{category}") {
          category
        } else if route.path.contains("{rule}") {
          rule
        } else if route.path.contains("{member}")
          || route.path.contains("{account}")
        { books.anna } else { entry.id }
      return route.path([books.group.id, second])
    }

    /// A body for a route that creates or changes something; `nil` for other routes.
    func body(_ route: Route) async throws -> String? {
      switch route {
      case Endpoints.createGroup.route: #"{"name": "New", "currency": "EUR"}"#
      case Endpoints.addMember.route: #"{"name": "Dora"}"#
      case Endpoints.addCategory.route: #"{"name": "Pets"}"#
      case Endpoints.makeRecurring.route:
        #"{"template": {"payment": {"from": "\#(books.anna)", "to": "kitty", "amount": 5}}, "every": {"n": 1, "unit": "day"}, "from": "2026-01-01"}"#
      case Endpoints.changeRecurring.route: #"{"times": 50}"#
      case Endpoints.createComment.route: #"{"text": "Once"}"#
      case Endpoints.createExpense.route:
        #"{"description": "Once", "amount": 900, "payer": "\#(books.anna)"}"#
      case Endpoints.createPayment.route:
        #"{"from": "\#(books.bob)", "to": "\#(books.anna)", "amount": 100}"#
      case Endpoints.createCount.route: #"{"counted": 9999}"#
      case Endpoints.changeExpense.route: #"{"description": "Changed"}"#
      case Endpoints.changePayment.route: #"{"amount": 4999}"#
      case Endpoints.createInvite.route, Endpoints.createRound.route: "{}"
      case Endpoints.addSSHKey.route: #"{"key": "\#(SSHKeyPair.anyLine)"}"#
      case Endpoints.changeMe.route: #"{"displayName": "Changed"}"#
      case Endpoints.changeGroup.route, Endpoints.changeMember.route, Endpoints.changeCategory.route:
        #"{"name": "Changed"}"#
      default: nil
      }
    }
  }

  private func expect(_ answer: Answer, _ status: Int, _ code: String, _ route: Route) throws {
    let problem = try answer.problem()
    #expect(problem.status == status && problem.code == code, "\(route.path): \(answer.text)")
  }

  @Test(arguments: Backend.available) func everyListHasPages(backend: Backend) async throws {
    try await FullGroupFixture.run(on: backend) { (full) async throws in
      let lists = Endpoints.all.filter { $0.query.contains("cursor") }
      #expect(lists.count >= 6)
      for route in lists {
        #expect(route.method == .get && route.query.contains("limit"))
        var path = full.path(route) + "?limit=1"
        var parts = 0
        while true {
          let answer = try await full.books.send("GET", path)
          try #require(answer.status == 200, "\(path): \(answer.text)")
          parts += 1
          struct Part: Decodable { let next: String? }
          let next = try answer.decode(Part.self).next
          guard let link = answer.header("Link") else {
            #expect(next == nil, "\(route.path)")
            break
          }
          #expect(link.hasPrefix("<\(full.path(route))?") && link.hasSuffix(#">; rel="next""#), "\(link)")
          #expect(link.contains("limit=1") && link.contains("cursor=\(next ?? "-")"), "\(link)")
          path = String(link.dropFirst().prefix { $0 != ">" })
          try #require(parts < 20, "\(route.path) has no last page")
        }
        #expect(parts >= 2, "\(route.path)")
        let wrong = try await full.books.send("GET", full.path(route) + "?cursor=%21")
        #expect(try wrong.problem().errors?.first?.field == "cursor", "\(route.path)")
      }
    }
  }

  @Test(arguments: Backend.available) func everyPatchRequiresVersion(backend: Backend) async throws {
    try await FullGroupFixture.run(on: backend) { (full) async throws in
      let changes = Endpoints.all.filter { $0.method == .patch }
      #expect(changes.count >= 4)
      for route in changes {
        let path = full.path(route)
        let body = try #require(try await full.body(route), "this test has no body for \(route.path)")
        let read = try await full.books.send("GET", path)
        let tag = try #require(read.header("ETag"), "GET \(route.path) has no ETag")
        let bare = try await full.books.send("PATCH", path, body)
        try expect(bare, 428, "if_match_needed", route)
        let stale = try await full.books.send("PATCH", path, body, headers: [("If-Match", "\"999\"")])
        #expect(stale.status == 412 && stale.header("ETag") == tag, "\(route.path)")
        let weak = try await full.books.send("PATCH", path, body, headers: [("If-Match", "W/" + tag)])
        #expect(weak.status == 400, "\(route.path)")
        let done = try await full.books.send("PATCH", path, body, headers: [("If-Match", tag)])
        #expect(done.status == 200, "\(route.path): \(done.text)")
        let after = try await full.books.send("GET", path)
        #expect(done.header("ETag") == after.header("ETag") && done.header("ETag") != tag, "\(route.path)")
        let again = try await full.books.send("PATCH", path, body, headers: [("If-Match", tag)])
        #expect(again.status == 412, "\(route.path)")
      }
    }
  }

  @Test(arguments: Backend.available) func everyCreateIsIdempotentByKey(backend: Backend) async throws {
    try await FullGroupFixture.run(on: backend) { (full) async throws in
      // Sign-up and sign-in have no user to store a key for. Replies that contain a secret are not stored.
      let secrets = [
        Endpoints.createToken.route, Endpoints.beginSecondFactor.route, Endpoints.createUpload.route,
      ]
      let makers = Endpoints.all.filter {
        $0.success == 201 && $0.access != .anyone && !secrets.contains($0)
      }
      #expect(makers.count >= 6)
      for route in makers {
        let path = full.path(route)
        let body = try #require(try await full.body(route), "this test has no body for \(route.path)")
        let key = [("Idempotency-Key", "\(ID(at: .now))")]
        let first = try await full.books.send("POST", path, body, headers: key)
        #expect(first.status == 201, "\(route.path): \(first.text)")
        let second = try await full.books.send("POST", path, body, headers: key)
        #expect(second.status == 201 && second.text == first.text, "\(route.path): \(second.text)")
        for name in ["ETag", "Location"] {
          #expect(second.header(name) == first.header(name), "\(route.path)")
        }
        let other = try await full.books.send("POST", path, body + " ", headers: key)
        try expect(other, 409, "key_reused", route)
        let bad = try await full.books.send("POST", path, body, headers: [("Idempotency-Key", "a b")])
        try expect(bad, 400, "bad_key", route)
      }
    }
  }

  @Test(arguments: Backend.available) func importIsIdempotentByKey(backend: Backend) async throws {
    try await FullGroupFixture.run(on: backend) { (full) async throws in
      let file = try await full.books.send("GET", "/export").text
      let made = try await full.books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let path = "/v1/groups/\(try made.decode(Group.self).id)/import"
      let key = [("Idempotency-Key", "\(ID(at: .now))")]
      let answers = [
        try await full.books.send("POST", path, file, headers: key),
        try await full.books.send("POST", path, file, headers: key),
      ]
      #expect(
        answers.map(\.status) == [200, 200] && answers[0].text == answers[1].text, "\(answers[1].text)")
      #expect(answers[0].header("ETag") == answers[1].header("ETag") && answers[0].header("ETag") != nil)
      #expect(try await full.books.send("POST", path, file + " ", headers: key).status == 409)
      #expect(try await full.books.send("POST", path, file).problem().code == "not_empty")
    }
  }

  @Test(arguments: Backend.available) func everyEntryRouteHasADryRun(backend: Backend) async throws {
    try await FullGroupFixture.run(on: backend) { (full) async throws in
      let group = "/v1/groups/{group}/"
      for route in Endpoints.all
      where [.post, .patch].contains(route.method)
        && ["expenses", "payments", "kitty"].contains(where: { route.path.hasPrefix(group + $0) })
      {
        #expect(route.query.contains("dryRun"), "\(route.method.rawValue) \(route.path)")
      }
      for route in Endpoints.all where route.query.contains("dryRun") && route.body == .json {
        let body = try #require(try await full.body(route), "this test has no body for \(route.path)")
        let path = full.path(route)
        let before = try await full.books.send("GET", "/export").text
        let headers = route.method == .patch ? [("If-Match", "*")] : []
        let tried = try await full.books.send(
          route.method.rawValue, path + "?dryRun=true", body, headers: headers)
        #expect(tried.status == 200, "\(route.path): \(tried.text)")
        #expect(tried.header("ETag") == nil && tried.header("Location") == nil)
        guard case .preview(let preview) = try tried.decode(Entered.self) else {
          Issue.record("\(route.path) answers a dry run with a stored entry")
          continue
        }
        #expect(!preview.balances.isEmpty)
        #expect(try await full.books.send("GET", "/export").text == before, "\(route.path) writes")
        let wrong = try await full.books.send(
          route.method.rawValue, path + "?dryRun=maybe", body, headers: headers)
        #expect(try wrong.problem().errors?.first?.field == "dryRun")
      }
    }
  }

  @Test func everyRouteHasAHandler() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      #expect(server.dependencies.buildRouter().registered == Set(Endpoints.all))
    }
  }
}
