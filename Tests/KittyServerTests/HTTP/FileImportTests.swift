import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Imports of files of other programs: previewed, written, repeated, undone and refused.
@Suite struct FileImportTests {
  @Test(arguments: Backend.available) func importIsWrittenOnceAndUndone(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "Own", "amount": 300, "payer": "\#(books.anna)"}"#)
      let before = try await books.send("GET", "/export").text
      let sequence = try await books.get(Group.self, "").sequence

      let tried = try await books.importFile(ImportSamples.file(), query: "?dryRun=true")
      #expect(tried.id == nil && tried.expenses == 1 && tried.members.map(\.member) == [nil, nil])
      #expect(tried.newCategories == ["Leisure"] && tried.currencies.map(\.code) == ["EUR"])
      #expect(try await books.send("GET", "/export").text == before)

      let report = try await books.importFile(ImportSamples.file())
      #expect(report.format == .splitwise && report.duplicates == 0 && !report.differs)
      #expect(report.balances.map(\.there) == [500, -500] && report.balances.map(\.here) == [500, -500])
      let entry = try await books.get(Entry.self, "/entries/2")
      #expect(entry.description == "Tickets 1" && entry.split?.method == .equally && entry.category != nil)
      #expect(try await books.nets()["Uma EUR"] == 500)
      let listed = try await books.get(Page<ImportRecord>.self, "/imports").items
      #expect(listed.map(\.id) == [report.id] && listed.map(\.entries) == [1])

      let again = try await books.importFile(ImportSamples.file())
      #expect(again.id == nil && again.expenses == 0 && again.duplicates == 1)
      // The same entries of a file in another order are the same entries, and a new one is added.
      let more = ImportSamples.file() + "2026-02-05,More,Leisure,8.00,EUR,4.00,-4.00\n"
      let second = try await books.importFile(more)
      #expect(second.expenses == 1 && second.duplicates == 1 && second.newCategories.isEmpty)
      #expect(second.members.map(\.isNew) == [false, false])

      for id in [try #require(second.id), try #require(report.id)] {
        let undone = try await books.send("DELETE", "/imports/\(id)")
        #expect(undone.status == 204, "\(undone.text)")
        #expect(try await books.send("DELETE", "/imports/\(id)").status == 404)
      }
      #expect(try await books.send("GET", "/export").text == before)
      // A copy of the group has entries that are gone, so it is listed again.
      try expectProblem(try await books.send("GET", "/entries?since=\(sequence)"), 410, "start_anew")
      #expect(try await books.importFile(ImportSamples.file()).expenses == 1)
    }
  }

  @Test(arguments: Backend.available, ImportSamples.whole)
  func fileHasItsBalancesHereAndLeavesNothingWhenUndone(backend: Backend, file: ImportSamples.File)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let before = try await books.send("GET", "/export").text
      let answer = try await books.sendFile(try file.bytes, query: file.query)
      try #require(answer.status == 200, "\(answer.text)")
      let report = try answer.decode(ImportReport.self)
      #expect(report.format == file.format && !report.differs)
      _ = try await books.nets()
      let nets = try await books.server.balances(books.group.id, books.token)
      for balance in report.balances where balance.isKitty {
        let net = nets.first { $0.account == .kitty && $0.currency == balance.currency }?.net
        #expect(balance.there == balance.here && (net ?? 0) == balance.here)
      }
      for balance in report.balances where !balance.isKitty {
        let member = try #require(report.members.first { $0.name == balance.name }).member
        let net = nets.first { $0.account.member == member && $0.currency == balance.currency }?.net
        #expect(member != nil && (net ?? 0) == balance.here, "\(balance.name)")
      }
      let again = try await books.sendFile(try file.bytes, query: file.query).decode(ImportReport.self)
      #expect(again.id == nil && again.duplicates == report.expenses + report.payments)
      #expect(try await books.send("DELETE", "/imports/\(try #require(report.id))").status == 204)
      #expect(try await books.send("GET", "/export").text == before)
    }
  }

  @Test(arguments: Backend.available) func unorderedFileIsWrittenByDay(backend: Backend) async throws {
    let days = ["2026-02-03", "2026-01-31", "2026-02-03", "2025-12-24", "2026-02-01"]
    let lines = days.enumerated().map { "\($1),Text \($0),Leisure,10.00,EUR,5.00,-5.00" }
    let file =
      (["Date,Description,Category,Cost,Currency,Uma,Vic", ""] + lines).joined(separator: "\n") + "\n"
    try await GroupFixture.run(on: backend) { books in
      #expect(try await books.importFile(file).expenses == 5)
      var entries: [Entry] = []
      for number in 1...5 { entries.append(try await books.get(Entry.self, "/entries/\(number)")) }
      #expect(entries.map(\.description) == ["Text 3", "Text 1", "Text 4", "Text 0", "Text 2"])
      // Ids too, so that an index of the database grows at its end. Those of a day have no order.
      #expect(entries.map { "\($0.id)".prefix(13) }.sorted() == entries.map { "\($0.id)".prefix(13) })
    }
  }

  @Test func membersAreMatchedAsTheRequestSays() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      func members(_ map: String) async throws -> [ImportReport.Member] {
        let query = try #require(map.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        return try await books.importFile(ImportSamples.file(), query: "?dryRun=true&map=\(query)").members
      }
      #expect(try await members("{}").map(\.here) == ["Uma", "Vic"])
      let mapped = try await members(#"{"uma": "me", "Vic": "BOB"}"#)
      #expect(mapped.map(\.member) == [books.anna, books.bob] && mapped.map(\.here) == ["anna", "Bob"])
      #expect(try await members(#"{"Vic": "\#(books.carl)"}"#).map(\.here) == ["Uma", "Carl"])
      #expect(try await members(#"{"Vic": "Victor"}"#).map(\.here) == ["Uma", "Victor"])
      // Two in the file who are one here owe each other nothing.
      let both = try await members(#"{"Vic": "Victor", "Uma": "victor"}"#)
      #expect(both.map(\.here) == ["victor", "victor"])
      for (map, code) in [
        (#"{"Bob": "me"}"#, "not_in_the_file"), ("[]", "not_an_object"), (#"{"Uma": ""}"#, "not_a_name"),
      ] {
        let query = try #require(map.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let answer = try await books.sendFile(Data(ImportSamples.file().utf8), query: "?map=\(query)")
        #expect(try answer.problem().errors?.first?.code == code, "\(answer.text)")
      }
      // A member of the same name is the same member, also in other letters.
      let report = try await books.importFile(ImportSamples.file().replacing("Uma", with: "BOB"))
      #expect(report.members.map(\.member) == [books.bob, report.members[1].member])
      #expect(report.members.map(\.isNew) == [false, true])
    }
  }

  @Test(arguments: Backend.available) func entriesThatAreThereAreLeftOut(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["Uma", "Vic"]) { books in
      let (uma, vic) = (books.bob, books.carl)
      _ = try await books.enter(
        "/expenses",
        #"{"description": "tickets 1", "amount": 1000, "payer": "\#(uma)", "date": "2026-02-01", "participants": ["\#(uma)", "\#(vic)"]}"#
      )
      let line = "2026-02-01,Tickets 1,Leisure,10.00,EUR,5.00,-5.00\n"
      // Of three equal lines, one is the entry that was entered by hand.
      let report = try await books.importFile(ImportSamples.file() + line + line)
      #expect(report.expenses == 2 && report.duplicates == 1)
      #expect(try await books.importFile(ImportSamples.file() + line + line).duplicates == 3)
      // An entry that was changed or deleted since is known by its origin.
      let ids = try await books.get(Page<Entry>.self, "/entries").items
      let changed = try #require(ids.first { $0.number == 2 })
      #expect(
        try await books.send(
          "PATCH", "/expenses/\(changed.id)", #"{"description": "Cinema"}"#, headers: [("If-Match", "*")]
        ).status == 200)
      #expect(try await books.send("DELETE", "/entries/3").status == 204)
      let known = try await books.importFile(ImportSamples.file() + line + line, query: "?dryRun=true")
      #expect(known.duplicates == 3 && known.differs)
      #expect(
        known.leftOut.map(\.reason) == [
          "It was imported as #3 and deleted here.", "It is here as #1: the same day, text and amounts.",
        ])
      #expect(known.leftOut.map(\.number) == [3, 1] && known.twins == 1 && known.missing.isEmpty)

      // History stays unless the request says otherwise.
      let id = try #require(report.id)
      let refused = try await books.send("DELETE", "/imports/\(id)")
      try expectProblem(refused, 409, "changed_since")
      #expect(refused.text.contains("#2") && refused.text.contains("#3"))
      #expect(try await books.send("DELETE", "/imports/\(id)?force=true").status == 204)
      for number in [2, 3] {
        #expect(try await books.get(Entry.self, "/entries/\(number)").deletedAt != nil)
      }
      #expect(try await books.get(Page<Entry>.self, "/entries").items.map(\.number) == [1])
    }
  }

  @Test(arguments: Backend.available) func refusedFileChangesNothing(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let before = try await books.send("GET", "/export").text
      let totals = ImportSamples.file() + "\n2026-02-10,Total balance, , ,EUR,6.00,-6.00\n"
      let answer = try await books.sendFile(Data(totals.utf8))
      try expectProblem(answer, 409, "balances_differ")
      #expect(answer.text.contains("Uma: 6.00 EUR there, 5.00 EUR here"))
      #expect(try await books.importFile(totals, query: "?dryRun=true").differs)
      for (text, place) in [
        ("", "file empty"), ("Hello", "format unknown_format"), ("{}", "format unknown_format"),
        (ImportSamples.file().replacing("-5.00", with: "-4.00"), "line 3 not_zero"),
        (ImportSamples.file().replacing("2026-02-01", with: "2066-02-01"), "line 3 too_far_ahead"),
        (ImportSamples.file().replacing("10.00", with: "9999999999999999"), "line 3 too_large"),
        (ImportSamples.file() + "2026-02-02,\"Rest", "line 4 cut_off"),
      ] {
        let answer = try await books.sendFile(Data(text.utf8))
        let errors = try answer.problem().errors ?? []
        #expect(answer.status == 422 && "\(errors[0].field) \(errors[0].code)" == place, "\(answer.text)")
      }
      for query in [
        "?format=x", "?encoding=x", "?decimal=x", "?dates=x", "?currency=x", "?differences=x", "?columns=x",
        "?columns=%7B%22x%22:%22y%22%7D", "?dryRun=x", "?format=spliit",
      ] {
        #expect(
          try await books.sendFile(Data(ImportSamples.file().utf8), query: query).status == 422, "\(query)")
      }
      let closing = try await books.send(
        "PATCH", "", #"{"closedUntil": "2026-02-01"}"#, headers: [("If-Match", "*")])
      #expect(closing.status == 200)
      let closed = try await books.sendFile(Data(ImportSamples.file().utf8))
      try expectProblem(closed, 409, "closed")
      #expect(closed.text.contains("line 3"))
      let opened = try await books.send(
        "PATCH", "", #"{"closedUntil": null}"#, headers: [("If-Match", "*")])
      #expect(opened.status == 200)
      #expect(try await books.send("GET", "/export").text == before)
      #expect(try await books.importFile(totals, query: "?differences=accept").expenses == 1)
    }
  }

  @Test func categoriesAreInTheOrderOfTheFile() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let names = ["Zoo", "Ape", "Mole", "Bee", "Yak", "Cat", "Generali", "Auk"]
      let lines = names.map { "2026-02-01,x,\($0),10.00,EUR,5.00,-5.00\n" }
      let report = try await books.importFile(
        "Data,Descrizione,Categorie,Costo,Valuta,Uma,Vic\n" + lines.joined())
      let expected = names.filter { $0 != "Generali" }
      #expect(report.newCategories == expected)
      let there = try await books.get(Page<KittyShared.Category>.self, "/categories").items
      #expect(there.sorted { $0.id < $1.id }.map(\.name) == expected)
    }
  }

  /// An import that a server began and never ended is undone by the job, and not before its server had time.
  @Test(arguments: Backend.available) func unfinishedImportIsUndone(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let before = try await books.send("GET", "/export").text
      let report = try await books.importFile(ImportSamples.file())
      let id = try #require(report.id)
      let dependencies = books.server.dependencies
      try await dependencies.database.transact([
        "update imports set state = 'writing', touched_at = \(Instant.now) where id = \(id)"
      ])
      #expect(try await books.get(Page<ImportRecord>.self, "/imports").items.isEmpty)
      #expect(try await books.send("DELETE", "/imports/\(id)").status == 404)
      try await dependencies.fileImports.undoUnfinished(at: .now)
      #expect(try await books.send("GET", "/entries/1").status == 200)
      try await dependencies.fileImports.undoUnfinished(at: Instant.now.advanced(by: .seconds(600)))
      #expect(try await books.send("GET", "/entries/1").status == 404)
      #expect(try await books.send("GET", "/export").text == before)
    }
  }

  /// A file that the group has no room for leaves nothing, although its first entries were written.
  @Test(arguments: Backend.available) func failedImportLeavesNothing(backend: Backend) async throws {
    try await TestServer.run(on: backend, adjust: { $0.groupLimits.bytes = 100_000 }) {
      (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      let before = try await books.send("GET", "/export").text
      let lines = (0..<400).map { "2026-02-01,Line \($0),Leisure,10.00,EUR,5.00,-5.00\n" }.joined()
      let answer = try await books.sendFile(Data((ImportSamples.file() + lines).utf8))
      try expectProblem(answer, 409, "quota_exceeded")
      #expect(try await books.send("GET", "/export").text == before)
      #expect(try await books.get(Page<ImportRecord>.self, "/imports").items.isEmpty)
      #expect(try await books.importFile(ImportSamples.file()).expenses == 1)
      try await GroupFixture.expectClean(server)
    }
  }

  /// Two clients that undo the same import take its entries out of the balances once.
  @Test(arguments: Backend.available) func undoAtTheSameTimeIsDoneOnce(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "Own", "amount": 900, "payer": "\#(books.anna)"}"#)
      let before = try await books.nets()
      let lines = (0..<300).map { "2026-02-01,Line \($0),Leisure,10.00,EUR,5.00,-5.00\n" }.joined()
      let text = (ImportSamples.file() + lines).replacing("Uma", with: "anna").replacing("Vic", with: "Bob")
      let id = try #require(try await books.importFile(text).id)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for _ in 0..<4 { tasks.addTask { try await books.send("DELETE", "/imports/\(id)").status } }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.contains(204) && statuses.allSatisfy { [204, 404, 409].contains($0) }, "\(statuses)")
      #expect(try await books.nets() == before)
      // The same file at the same time, and while it is undone, is there once or not at all.
      let imported = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for _ in 0..<3 { tasks.addTask { try await books.sendFile(Data(text.utf8)).status } }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(
        imported.contains(200) && imported.allSatisfy { [200, 409, 429, 503].contains($0) }, "\(imported)")
      #expect(try await books.importFile(text).duplicates == 301)
      #expect(try await books.nets()["Bob EUR"] == (before["Bob EUR"] ?? 0) - 301 * 500)
    }
  }

  /// An entry that stayed as a deleted one is no reason to leave out the money, and one that differs here is said.
  @Test(arguments: Backend.available) func historyIsNotTakenForTheMoney(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let first = try await books.importFile(ImportSamples.file())
      #expect(try await books.send("POST", "/entries/1/comments", #"{"text": "x"}"#).status == 201)
      let path = "/imports/\(try #require(first.id))"
      try expectProblem(try await books.send("DELETE", path), 409, "changed_since")
      #expect(try await books.send("DELETE", path + "?force=true").status == 204)
      let second = try await books.importFile(ImportSamples.file())
      #expect(second.expenses == 1 && second.duplicates == 0)
      #expect(try await books.nets()["Uma EUR"] == 500)

      let entry = try await books.get(Page<Entry>.self, "/entries").items[0]
      let equal = try await books.send(
        "PATCH", "/expenses/\(entry.id)",
        #"{"amount": 2000, "split": {"method": "equally", "parts": [\#((entry.shares ?? []).map { #"{"member": "\#($0.member)"}"# }.joined(separator: ","))]}}"#,
        headers: [("If-Match", "*")])
      #expect(equal.status == 200, "\(equal.text)")
      let refused = try await books.sendFile(Data(ImportSamples.file().utf8))
      try expectProblem(refused, 409, "balances_differ")
      let report = try await books.importFile(ImportSamples.file(), query: "?dryRun=true")
      #expect(report.leftOut.first?.reason == "It is here as #\(entry.number), with other amounts.")
      #expect(report.balances.map(\.there) == [500, -500] && report.balances.map(\.here) == [1000, -1000])
    }
  }

  @Test(arguments: Backend.available) func undoRespectsClosedBooksRefundsAndOtherImports(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let before = try await books.send("GET", "/export").text
      let first = try await books.importFile(ImportSamples.file(number: 1))
      let second = try await books.importFile(ImportSamples.file(number: 2))
      let (one, two) = (try #require(first.id), try #require(second.id))
      let any = [("If-Match", "*")]
      #expect(
        try await books.send("PATCH", "", #"{"closedUntil": "2026-02-01"}"#, headers: any).status == 200)
      try expectProblem(try await books.send("DELETE", "/imports/\(one)?force=true"), 409, "closed")
      #expect(try await books.send("PATCH", "", #"{"closedUntil": null}"#, headers: any).status == 200)
      let expense = try await books.get(Entry.self, "/entries/1")
      let refund = try await books.enter(
        "/expenses", #"{"description": "Back", "amount": -500, "refundOf": "\#(expense.id)"}"#)
      let refused = try await books.send("DELETE", "/imports/\(one)?force=true")
      try expectProblem(refused, 409, "has_refunds")
      #expect(refused.text.contains("#\(refund.number)"))
      #expect(try await books.send("DELETE", "/entries/\(refund.id)").status == 204)
      // The second import has the members of the first one, and takes them over.
      for id in [one, two] {
        let undone = try await books.send("DELETE", "/imports/\(id)?force=true")
        #expect(undone.status == 204, "\(undone.text)")
      }
      let entries = try await books.get(Page<Entry>.self, "/entries").items
      #expect(entries.isEmpty)
      #expect(try await books.send("GET", "/export").text != before)
    }
    try await GroupFixture.run(on: backend) { books in
      let before = try await books.send("GET", "/export").text
      let first = try await books.importFile(ImportSamples.file(number: 1))
      let second = try await books.importFile(ImportSamples.file(number: 2))
      for id in [try #require(first.id), try #require(second.id)] {
        #expect(try await books.send("DELETE", "/imports/\(id)").status == 204)
      }
      #expect(try await books.send("GET", "/export").text == before)
    }
  }

  @Test func fileThatTheGroupCannotTakeIsRefusedWithTheReason() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      func problem(_ text: String, query: String = "") async throws -> String {
        let answer = try await books.sendFile(Data(text.utf8), query: query)
        let error = try answer.problem().errors?.first
        return "\(error?.field ?? "-") \(error?.code ?? "-")"
      }
      let names = (0..<600).map { "N\($0)" }
      let nets = ["599.00"] + names.dropFirst().map { _ in "-1.00" }
      let wide =
        "Date,Description,Category,Cost,Currency,\(names.joined(separator: ","))\n"
        + "2026-02-01,All,General,600.00,EUR,\(nets.joined(separator: ","))\n"
      #expect(try await problem(wide) == "members too_many")
      let marks = String(repeating: "\u{301}\u{316}", count: 40)
      #expect(try await problem(ImportSamples.file(text: "x\(marks)")) == "line 3 not_readable")
      var mixed = Data((ImportSamples.file(text: "Änn")).utf8)
      mixed.append(
        contentsOf: Array("2026-02-02,Caf".utf8) + [0xE9] + Array(",General,2.00,EUR,1.00,-1.00\n".utf8))
      let answer = try await books.sendFile(mixed)
      #expect(try answer.problem().errors?.first?.code == "ambiguous_encoding", "\(answer.text)")
      let plain = "Date,Description,Amount,Payer\n"
      for (line, query, place) in [
        ("2026-02-01,x,\"12,50\",Ann\n", "?decimal=point", "line 2 ambiguous_decimals"),
        ("2026-02-01,x,\"1,2,3.50\",Ann\n", "", "line 2 not_a_number"),
        ("2026-02-01,x,$12.50,Ann\n", "", "line 2 unknown_currency"),
        ("24-05-12,x,12.50,Ann\n", "", "line 2 ambiguous_days"),
      ] { #expect(try await problem(plain + line, query: query) == place, "\(line)") }
      let twoNames = try await books.importFile(
        ImportSamples.file()
          + "2026-02-03,x,Leisure:Out,2.00,EUR,1.00,-1.00\n2026-02-04,y,Leisure Out,2.00,EUR,1.00,-1.00\n")
      #expect(twoNames.newCategories == ["Leisure", "Leisure Out"])
      let kind = try await books.importFile(
        "Date,Description,Category,Cost,Currency,Al,Jo\n2026-02-05,Journal,Books,12.00,EUR,12.00,-12.00\n")
      #expect(kind.expenses == 1 && kind.payments == 0)
      // The same name in other letters is one member of a table.
      let table = try await books.importFile(plain + "2026-02-06,x,2.00,Kim\n2026-02-07,y,2.00,kim\n")
      #expect(table.members.map(\.name) == ["Kim"])
      #expect(table.readings.last == "currency: EUR, that of the group, because the file does not name one")
    }
  }
}
