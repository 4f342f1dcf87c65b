import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Previews of files as new groups, which are not made.
@Suite struct ImportPreviewTests {
  /// A table with odd cents, some of them of the user themselves.
  private static let table =
    "Date,Description,Amount,Currency,Payer,Participants\n"
    + (1...28).map { day in
      "2026-02-\(day < 10 ? "0" : "")\(day),Tea \(day),\(day).01,USD,Kim,\(day.isMultiple(of: 3) ? "me" : "Ann");Kim;Jo\n"
    }.joined()

  private func send(
    _ server: TestServer, _ bytes: Data, _ query: String, token: String?
  ) async throws -> Answer {
    try await server.send("POST", "/v1/imports\(query)", token: token, body: .bytes(Array(bytes)))
  }

  /// The facts that a preview and its import have in common.
  private func facts(_ report: ImportReport) -> ImportReport {
    var report = report
    report.id = nil
    report.members = report.members.map { .init(name: $0.name, member: nil, here: $0.here, isNew: $0.isNew) }
    // The group has the categories as soon as they are there.
    return report
  }

  @Test(arguments: Backend.available) func previewOfANewGroupIsTheImportToTheCent(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let bytes = Data(Self.table.utf8)
      for _ in 0..<3 {
        let id = ID(at: .now)
        let map = try #require(#"{"me": "me"}"#.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let tried = try await send(server, bytes, "?dryRun=true&group=\(id)&map=\(map)", token: token)
        try #require(tried.status == 200, "\(tried.text)")
        let preview = try tried.decode(ImportReport.self)
        #expect(preview.id == nil && preview.expenses == 28 && preview.currency?.code == "USD")
        #expect(preview.members.filter { !$0.isNew }.map(\.name) == ["me"])
        for query in ["", "?deleted=true", "?archived=true"] {
          let groups = try await server.send("GET", "/v1/groups\(query)", token: token)
          #expect(try groups.decode(Page<Group>.self).items.allSatisfy { $0.id != id })
        }
        let made = try await server.send(
          "POST", "/v1/groups", token: token, json: #"{"id": "\#(id)", "name": "Tea", "currency": "USD"}"#)
        try #require(made.status == 201, "\(made.text)")
        let done = try await server.send(
          "POST", "/v1/groups/\(id)/imports?map=\(map)", token: token, body: .bytes(Array(bytes)))
        try #require(done.status == 200, "\(done.text)")
        let report = try done.decode(ImportReport.self)
        #expect(facts(report) == facts(preview))
        #expect(
          report.members.first { $0.name == "me" }?.member == preview.members.first { !$0.isNew }?.member)
        let nets = try await server.balances(id, token)
        for balance in preview.balances {
          let member = report.members.first { $0.name == balance.name }?.member
          #expect(nets.first { $0.account.member == member }?.net == balance.here, "\(balance.name)")
        }
      }
    }
  }

  @Test(arguments: ImportSamples.whole)
  func previewOfEachFormatIsTheImport(file: ImportSamples.File) async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let changed = try await server.send(
        "PATCH", "/v1/me", token: token, json: #"{"defaultCurrency": "EUR"}"#, headers: [("If-Match", "*")])
      try #require(changed.status == 200, "\(changed.text)")
      let id = ID(at: .now)
      let query = try file.query
      let tried = try await send(
        server, try file.bytes, "\(query.isEmpty ? "?" : query + "&")dryRun=true&group=\(id)", token: token)
      try #require(tried.status == 200, "\(tried.text)")
      let preview = try tried.decode(ImportReport.self)
      let currency = try #require(preview.currency)
      let made = try await server.send(
        "POST", "/v1/groups", token: token,
        json: #"{"id": "\#(id)", "name": "New", "currency": "\#(currency)"}"#)
      try #require(made.status == 201, "\(made.text)")
      let done = try await server.send(
        "POST", "/v1/groups/\(id)/imports\(query)", token: token, body: .bytes(Array(try file.bytes)))
      try #require(done.status == 200, "\(done.text)")
      var before = facts(preview)
      let after = facts(try done.decode(ImportReport.self))
      // The account has the currency before there is a group.
      before.readings = before.readings.map {
        $0.replacing("that of your account", with: "that of the group")
      }
      #expect(before == after)
    }
  }

  @Test func previewIsRefusedWithTheReason() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      func problem(_ query: String, token: String? = nil, _ text: String = Self.table) async throws -> String
      {
        let answer = try await send(books.server, Data(text.utf8), query, token: token ?? books.token)
        let problem = try answer.problem()
        return "\(problem.status) \(problem.errors?.first.map { "\($0.field) \($0.code)" } ?? problem.code)"
      }
      #expect(try await problem("") == "422 dryRun preview_only")
      #expect(try await problem("?dryRun=false") == "422 dryRun preview_only")
      #expect(try await problem("?dryRun=true&group=x") == "422 group not_version_7")
      #expect(
        try await problem("?dryRun=true&group=5b3f1a4e-8d1c-4c8b-9d43-0a1f3c2b7e60")
          == "422 group not_version_7")
      // Neither one's own group nor that of others is looked into.
      let other = try await books.server.signUp("bob")
      for token in [books.token, other] {
        #expect(try await problem("?dryRun=true&group=\(books.group.id)", token: token) == "409 id_taken")
      }
      let unnamed = "Date,Description,Amount,Payer\n2026-02-01,Tea,3.00,Ann\n"
      #expect(try await problem("?dryRun=true", token: other, unnamed).hasSuffix("currency_missing"))
      #expect(try await problem("?dryRun=true", "Date,Description,Amount,Payer\n").hasPrefix("422 file"))
      // The columns that wait for a role have the names by which the next request gives it to them.
      let table = Data("Date,Amount,Payer,Owner,A;B\n2026-02-01,3.00,Ann,Ann,5\n".utf8)
      let refused = try await send(books.server, table, "?dryRun=true", token: books.token).problem()
      #expect(
        refused.errors?.map(\.code) == ["unknown_column"] && refused.errors?[0].columns == ["Owner", "#5"])
      let roles = try #require(
        ##"{"payer": "Owner", "ignore": "#5"}"##.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
      let read = try await send(
        books.server, table, "?dryRun=true&currency=EUR&columns=\(roles)", token: books.token)
      #expect(read.status == 200, "\(read.text)")
      #expect(
        try await send(books.server, Data(), "?dryRun=true", token: nil).status == 401)
    }
  }
}
