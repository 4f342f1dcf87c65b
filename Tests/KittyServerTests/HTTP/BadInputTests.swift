import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Invalid input gets a problem that names it, and changes nothing.
@Suite struct BadInputTests {
  /// A request with the expected status, field, and code of the problem or the field.
  struct Case: Sendable, CustomTestStringConvertible {
    let method: String
    let path: String
    let body: String
    let status: Int
    let field: String?
    let code: String
    var type = "application/json"
    var testDescription: String { "\(method) \(path) \(body.prefix(60))" }
  }

  /// `GROUP`, `ME` and `BOB` stand for the ids of a group, its owner and a guest.
  static let cases: [Case] = {
    let expenses = "/v1/groups/GROUP/expenses"
    func expense(_ fields: String, _ status: Int, _ field: String?, _ code: String) -> Case {
      Case(
        method: "POST", path: expenses, body: #"{"description": "x", "payer": "ME", \#(fields)}"#,
        status: status, field: field, code: code)
    }
    let stranger = "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6cf"
    return [
      Case(method: "POST", path: expenses, body: "{", status: 400, field: nil, code: "malformed_json"),
      Case(method: "POST", path: expenses, body: "", status: 400, field: nil, code: "malformed_json"),
      Case(method: "POST", path: expenses, body: "[1]", status: 400, field: nil, code: "malformed_json"),
      Case(method: "POST", path: expenses, body: "{}", status: 422, field: "description", code: "missing"),
      Case(
        method: "POST", path: expenses, body: "{}", status: 415, field: nil, code: "unsupported_media_type",
        type: "text/plain"),
      expense(#""amount": 10.5"#, 422, "amount", "fraction"),
      expense(#""amount": 10.0"#, 422, "amount", "fraction"),
      expense(#""amount": "10,50""#, 422, "amount", "not_an_amount"),
      expense(#""amount": "0.001""#, 422, "amount", "not_an_amount"),
      expense(#""amount": 0"#, 422, "amount", "zero"),
      expense(#""amount": "1.005""#, 422, "amount", "not_an_amount"),
      expense(#""amount": 1000000000001"#, 422, "amount", "too_large"),
      expense(#""amount": 9223372036854775807"#, 422, "amount", "too_large"),
      expense(#""amount": 9223372036854775808"#, 422, "amount", "not_an_amount"),
      expense(#""amount": true"#, 422, "amount", "not_an_amount"),
      expense(#""amount": 1, "amuont": 2"#, 422, "amuont", "unknown_field"),
      expense(#""amount": 1, "currency": "XYZ""#, 422, "currency", "unknown_currency"),
      expense(#""amount": 1, "currency": 7"#, 422, "currency", "wrong_type"),
      expense(#""amount": 1, "date": "2026-02-30""#, 422, "date", "not_a_date"),
      expense(#""amount": 1, "participants": []"#, 422, "participants", "nobody"),
      expense(#""amount": 1, "participants": ["ME", "ME"]"#, 422, "participants", "twice"),
      expense(#""amount": 1, "participants": ["ME", "\#(stranger)"]"#, 422, "participants.1", "not_a_member"),
      Case(
        method: "POST", path: expenses, body: #"{"description": "x", "payer": "\#(stranger)", "amount": 1}"#,
        status: 422, field: "payer", code: "not_a_member"),
      Case(
        method: "POST", path: expenses, body: #"{"description": "x", "payer": "GROUP", "amount": 1}"#,
        status: 422, field: "payer", code: "not_a_member"),
      Case(
        method: "POST", path: expenses, body: #"{"description": "", "payer": "ME", "amount": 1}"#,
        status: 422, field: "description", code: "blank"),
      Case(
        method: "POST", path: expenses,
        body: #"{"description": "\#(String(repeating: "x", count: 201))", "payer": "ME", "amount": 1}"#,
        status: 422, field: "description", code: "too_long"),
      Case(
        method: "POST", path: expenses, body: #"{"description": "a\u001b[31m", "payer": "ME", "amount": 1}"#,
        status: 422, field: "description", code: "control_character"),
      Case(
        method: "POST", path: "/v1/groups", body: #"{"name": "x", "currency": "EURO"}"#, status: 422,
        field: "currency", code: "unknown_currency"),
      Case(
        method: "POST", path: "/v1/groups", body: #"{"name": 5, "currency": "EUR"}"#, status: 422,
        field: "name", code: "wrong_type"),
      Case(
        method: "POST", path: "/v1/groups", body: #"{"id": "GROUP", "name": "x", "currency": "EUR"}"#,
        status: 409, field: nil, code: "id_taken"),
      Case(
        method: "POST", path: "/v1/groups/GROUP/members", body: #"{"name": "bob"}"#, status: 409,
        field: "name", code: "name_taken"),
      Case(
        method: "POST", path: "/v1/groups/GROUP/members", body: #"{"id": "BOB", "name": "other"}"#,
        status: 409, field: nil, code: "id_taken"),
      Case(
        method: "POST", path: "/v1/users", body: #"{"name": "Anna", "password": "a long password"}"#,
        status: 409, field: "name", code: "name_taken"),
      Case(
        method: "POST", path: "/v1/users", body: #"{"name": "new", "password": "short"}"#, status: 422,
        field: "password", code: "password_length"),
      Case(
        method: "POST", path: "/v1/sessions", body: #"{"name": "anna", "password": "not her password"}"#,
        status: 401, field: nil, code: "wrong_credentials"),
      // A name has at most 32 characters, not bytes.
      Case(
        method: "POST", path: "/v1/sessions",
        body: #"{"name": "\#(String(repeating: "寿", count: 32))", "password": "not her password"}"#,
        status: 401, field: nil, code: "wrong_credentials"),
      Case(
        method: "POST", path: "/v1/sessions", body: #"{"name": "zoe", "password": "not her password"}"#,
        status: 401, field: nil, code: "wrong_credentials"),
      Case(
        method: "GET", path: "/v1/groups?limit=0", body: "", status: 422, field: "limit", code: "out_of_range"
      ),
      Case(
        method: "GET", path: "/v1/groups?limit=201", body: "", status: 422, field: "limit",
        code: "out_of_range"),
      Case(
        method: "GET", path: "/v1/groups?limt=5", body: "", status: 422, field: "limt",
        code: "unknown_parameter"),
      Case(
        method: "GET", path: "/v1/groups?archived=maybe", body: "", status: 422, field: "archived",
        code: "not_a_flag"),
      Case(
        method: "GET", path: "/v1/groups?cursor=%21%21", body: "", status: 422, field: "cursor",
        code: "not_a_cursor"),
      Case(
        method: "GET", path: "\(expenses)?cursor=YWJj", body: "", status: 422, field: "cursor",
        code: "not_a_cursor"),
      Case(
        method: "GET", path: "/v1/groups/GROUP/photo?size=huge", body: "", status: 422, field: "size",
        code: "unknown_size"),
      Case(
        method: "GET", path: "/v1/groups/GROUP/photo", body: "", status: 404, field: nil, code: "not_found"),
      Case(method: "GET", path: "/v1/groups/not-an-id", body: "", status: 404, field: nil, code: "not_found"),
      Case(method: "GET", path: "\(expenses)/7", body: "", status: 404, field: nil, code: "not_found"),
      Case(method: "GET", path: "/v1/nothing", body: "", status: 404, field: nil, code: "not_found"),
      Case(method: "POST", path: "/v1/me", body: "{}", status: 405, field: nil, code: "method_not_allowed"),
      Case(
        method: "POST", path: expenses,
        body: #"{"description": "\#(String(repeating: "x", count: 300_000))"}"#, status: 413, field: "body",
        code: "too_large"),
    ]
  }()

  @Test(arguments: Backend.available) func invalidInputIsNamedAndChangesNothing(backend: Backend) async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      func filled(_ text: String) -> String {
        text.replacing("GROUP", with: "\(group.id)").replacing("ME", with: "\(group.me)").replacing(
          "BOB", with: "\(members[1].id)")
      }
      for test in Self.cases {
        let answer = try await server.send(
          test.method, filled(test.path), token: token,
          body: test.method == "GET" ? .none : .bytes(Array(filled(test.body).utf8)),
          headers: test.method == "GET" ? [] : [("Content-Type", test.type)])
        #expect(answer.status == test.status, "\(test.testDescription): \(answer.text)")
        let problem = try answer.problem()
        if let field = test.field {
          #expect(problem.errors?.first?.field == field, "\(test.testDescription): \(answer.text)")
          #expect(
            problem.errors?.first?.code == test.code || problem.code == test.code,
            "\(test.testDescription): \(answer.text)")
        } else {
          #expect(problem.code == test.code, "\(test.testDescription): \(answer.text)")
        }
      }
      let balances = try await server.balances(group.id, token)
      #expect(balances.map(\.paid) == [0, 0, 0])
      let list = try await server.send("GET", "/v1/groups/\(group.id)/expenses", token: token).decode(
        Page<Entry>.self)
      #expect(list.items.isEmpty)
      #expect(
        try await server.send("GET", "/v1/groups", token: token).decode(Page<Group>.self).items.count == 1)
    }
  }

  @Test func bodyBeyondTheLimitGets413WithTheLimit() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let problem = try await server.send(
        "POST", "/v1/groups", token: token, json: String(repeating: " ", count: 256 * 1024) + "{}"
      ).problem()
      #expect(problem.status == 413 && problem.detail.contains("262144"), "\(problem)")
    }
  }

  @Test func unexpectedBodyIsRefused() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)/members/\(members[1].id)"
      let refused = try await server.send("DELETE", path, token: token, json: #"{"force": true}"#)
      #expect(try refused.status == 422 && refused.problem().errors?.first?.field == "body")
      #expect(try await server.send("GET", path, token: token).status == 200)
      #expect(try await server.send("DELETE", path, token: token).status == 204)
    }
  }

  @Test(arguments: ["limit=%2B5", "limit=05", "archived=true&deleted=true"])
  func ambiguousQueryIsRefused(query: String) async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      #expect(try await server.send("GET", "/v1/groups?\(query)", token: token).status == 422)
    }
  }

  @Test func headBeyondTheLimitGetsProblem() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let large = [("X-Large", String(repeating: "a", count: 40_000))]
      for answer in [
        try await server.send("GET", "/health/live", headers: large),
        try await server.send("GET", "/health/live?" + String(repeating: "a", count: 40_000)),
      ] {
        let problem = try answer.problem()
        #expect(problem.status == 431 && problem.code == "head_too_large")
      }
      #expect(try await server.send("GET", "/health/live").status == 200)
    }
  }

  @Test func headRequestGetsHeadersWithoutBody() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      for path in ["/health/live", "/v1/groups/\(group.id)/balances"] {
        let whole = try await server.send("GET", path, token: token)
        let head = try await server.send("HEAD", path, token: token)
        #expect(head.status == 200 && head.text.isEmpty)
        #expect(head.header("Content-Type") == whole.header("Content-Type"))
      }
      #expect(try await server.send("PUT", "/health/live").header("Allow") == "GET, HEAD, OPTIONS")
    }
  }

  @Test(
    arguments: [
      (#"{"name": "Flat", "name": "House", "currency": "EUR"}"#, 422, "name", "twice"),
      (#"{"name": "Flat", "currency": "EUR", "a\"b": 1, "a\"b": 1}"#, 422, "a\"b", "twice"),
      (#"{"name": "Flat", "n\u0061me": "House", "currency": "EUR"}"#, 422, "name", "twice"),
      (#"{"name": "Flat", "currency": "EUR",}"#, 400, nil, nil),
      (#"{"name": "\u200b\u2060 ", "currency": "EUR"}"#, 422, "name", "blank"),
      (String(repeating: "[", count: 100_000), 422, "", "too_deep"),
      ("[]", 400, nil, nil), ("null", 400, nil, nil), ("7", 400, nil, nil), ("", 400, nil, nil),
    ] as [(String, Int, String?, String?)])
  func ambiguousJSONIsRefused(json: String, status: Int, field: String?, code: String?)
    async throws
  {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let problem = try await server.send("POST", "/v1/groups", token: token, json: json).problem()
      #expect(problem.status == status, "\(problem)")
      #expect(problem.errors?.first?.field == field && problem.errors?.first?.code == code, "\(problem)")
    }
  }
}
