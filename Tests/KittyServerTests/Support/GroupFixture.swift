import KittyShared
import Testing

@testable import KittyServer

/// A group of Anna's with two guests, Bob and Carl, on a server of its own, and requests relative to the group's path.
///
/// This is how to write an HTTP test. Each backend gets a server with an empty database, and after `body` the fixture
/// checks that the books balance:
///
/// ```swift
/// @Test(arguments: Backend.available) func deletedExpenseIsNotListed(backend: Backend) async throws {
///   try await GroupFixture.run(on: backend) { books in
///     let json = #"{"description": "Taxi", "amount": "9.50", "payer": "\#(books.anna)"}"#
///     let expense = try await books.enter("/expenses", json)
///     let refused = try await books.send("DELETE", "/expenses/\(expense.id)", headers: [("If-Match", "\"9\"")])
///     try expectProblem(refused, 412, "stale")
///     #expect(try await books.send("DELETE", "/expenses/\(expense.id)").status == 204)
///     #expect(try await books.get(Page<Entry>.self, "/expenses").items.isEmpty)
///   }
/// }
/// ```
///
/// Use `RoleFixture` for a user in each role, and `TestServer` for a server with settings of the test.
struct GroupFixture {
  let server: TestServer
  let token: String
  let group: Group
  let members: [Member]

  static func run(
    on backend: Backend, guests: [String] = ["Bob", "Carl"], currency: String = "EUR",
    _ body: (GroupFixture) async throws -> Void
  ) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token, guests: guests, currency: currency)
      try await body(GroupFixture(server: server, token: token, group: group, members: members))
      try await Self.expectClean(server)
    }
  }

  var anna: ID { members[0].id }
  var bob: ID { members[1].id }
  var carl: ID { members[2].id }

  func send(
    _ method: String, _ path: String, _ json: String? = nil, headers: [(String, String)] = [],
    token: String? = nil
  ) async throws -> Answer {
    let token = token ?? self.token
    let path = path.hasPrefix("/v1") ? path : "/v1/groups/\(group.id)\(path)"
    guard let json else { return try await server.send(method, path, token: token, headers: headers) }
    return try await server.send(method, path, token: token, json: json, headers: headers)
  }

  /// Creates an entry, which must be accepted.
  func enter(_ path: String, _ json: String) async throws -> Entry {
    let answer = try await send("POST", path, json)
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(Entry.self)
  }

  func nets() async throws -> [String: Int64] {
    let balances = try await server.balances(group.id, token)
    #expect(
      Dictionary(grouping: balances, by: \.currency).values.allSatisfy { $0.map(\.net).reduce(0, +) == 0 })
    return Dictionary(balances.map { ("\($0.name) \($0.currency)", $0.net) }, uniquingKeysWith: +)
  }

  func get<Value: Decodable>(_ type: Value.Type, _ path: String) async throws -> Value {
    try await send("GET", path).decode(type)
  }

  static func expectClean(_ server: TestServer) async throws {
    let audit = Audit(database: server.dependencies.database, photos: server.dependencies.photos)
    let findings = try await audit.findings()
    #expect(findings.isEmpty, "\(findings)")
  }
}

extension GroupFixture {
  /// Fills the group with random entries of every kind, comments, a count and a target.
  func fill(seed: UInt64, steps: Int = 80, hasCategories: Bool = true) async throws {
    var requests = RandomLedger(
      seed: seed, members: members.map(\.id), currency: group.currency)
    var made: [Entry] = []
    var categories: [KittyShared.Category] = []
    if hasCategories {
      categories = try await send("POST", "/categories/standard").decode(Page<KittyShared.Category>.self)
        .items
    }
    for step in 0..<steps {
      let isExpense = step % 3 != 0
      var expense = requests.expense()
      if hasCategories, step % 4 == 1 { expense.category = categories[step % categories.count].id }
      if hasCategories, step % 5 == 1 { expense.tags = ["trip", "t\(step)"] }
      if hasCategories, step % 7 == 1 { expense.description += " #sun" }
      if hasCategories, step % 8 == 1, expense.split?.items?.isEmpty == false {
        expense.split?.items?[0].category = categories[(step + 1) % categories.count].id
        expense.split?.items?[0].tags = ["item"]
      }
      let json = String(
        decoding: isExpense ? try JSON.encode(expense) : try JSON.encode(requests.payment()),
        as: UTF8.self)
      let path = isExpense ? "/expenses" : "/payments"
      let answer: Answer
      if step % 7 == 3, let old = made.last(where: { ($0.kind == .expense) == isExpense }) {
        answer = try await send(
          "PATCH", "\(path)/\(old.id)", json, headers: [("If-Match", "\"\(old.version)\"")])
      } else {
        answer = try await send("POST", path, json)
      }
      if answer.status == 409 {
        // A random payout may exceed the kitty.
        #expect(try answer.problem().code == "not_in_the_pot", "\(answer.text)")
        continue
      }
      guard answer.status != 422 else {
        #expect(try answer.problem().errors?.first?.field == "rate", "\(answer.text)")
        continue
      }
      #expect([200, 201].contains(answer.status), "\(answer.text)")
      let entry = try answer.decode(Entry.self)
      made.removeAll { $0.id == entry.id }
      made.append(entry)
      if step % 9 == 4 {
        #expect(try await send("DELETE", "/entries/\(entry.id)").status == 204)
        made.removeLast()
        if step % 2 == 0 {
          let status = try await send("POST", "/entries/\(entry.id)/restore").status
          #expect(status == 200 || (entry.kind == .payout && status == 409))
        }
      }
      if step % 11 == 0 {
        #expect(
          try await send("POST", "/entries/\(entry.number)/comments", #"{"text": "a, \"b\""}"#).status
            == 201)
      }
    }
    if hasCategories {
      try await change(categories)
      try await addRules()
    }
    #expect(try await send("POST", "/kitty/counts", #"{"counted": 1234}"#).status == 201)
    let targets = #"{"targets": [{"member": "\#(anna)", "amount": "50"}]}"#
    #expect(try await send("PUT", "/kitty/targets", targets).status == 200)
  }

  /// Makes rules for recurring entries: one that booked, one that proposes, one that was removed.
  private func addRules() async throws {
    var ids: [ID] = []
    for (amount, mode) in [(1001, "book"), (2000, "propose"), (3000, "book")] {
      let answer = try await send(
        "POST", "/recurring",
        #"{"template": {"expense": {"description": "Rule", "amount": \#(amount), "payer": "\#(anna)"}}, "every": {"n": 1, "unit": "month"}, "from": "2026-01-31", "times": 4, "mode": "\#(mode)"}"#
      )
      #expect(answer.status == 201, "\(answer.text)")
      ids.append(try answer.decode(Recurring.self).id)
    }
    #expect(try await send("DELETE", "/recurring/\(ids[2])").status == 204)
    try await server.dependencies.recurringBooks.bookAll(at: .now)
    #expect(try await send("POST", "/recurring/\(ids[1])/occurrences/0/confirm").status == 200)
    #expect(try await send("POST", "/recurring/\(ids[1])/occurrences/2/skip").status == 200)
  }

  private func change(_ categories: [KittyShared.Category]) async throws {
    // A renamed, a moved and an archived one, and one that was removed into another.
    for (place, json) in [(1, #"{"name": "Shops"}"#), (2, #"{"parent": null}"#), (9, #"{"archived": true}"#)]
    {
      let changed = try await send(
        "PATCH", "/categories/\(categories[place].id)", json, headers: [("If-Match", "*")])
      #expect(changed.status == 200, "\(changed.text)")
    }
    let removed = try await send("DELETE", "/categories/\(categories[5].id)?into=\(categories[1].id)")
    #expect(removed.status == 204, "\(removed.text)")
  }
}

extension [String: Int64] {
  /// The same with "anna" for "Anna", as the server names its user.
  func withNamesOfServer() -> [String: Int64] {
    Dictionary(uniqueKeysWithValues: map { ($0.key.replacing("Anna", with: "anna"), $0.value) })
  }
  /// The same with names alone as keys, for one currency.
  func byName() -> [String: Int64] {
    Dictionary(
      uniqueKeysWithValues: map {
        ($0.key.replacing(" EUR", with: "").replacing("anna", with: "Anna"), $0.value)
      })
  }
}
