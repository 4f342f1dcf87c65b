import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// A later file of the same books: what was changed there since is not counted twice in silence.
@Suite struct LaterImportTests {
  private static let head = "Date,Description,Category,Cost,Currency,Mira,Jonas\n\n"
  private static let coffee = "2026-01-04,Coffee,Food,4.00,EUR,2.00,-2.00\n"
  private static let first =
    head + "2026-01-03,Rent,Rent,100.00,EUR,50.00,-50.00\n" + coffee + coffee
    + "\n2026-01-31,Total balance, , ,EUR,54.00,-54.00\n"
  private static let tea = "2026-01-05,Tea,Food,2.00,EUR,1.00,-1.00\n"

  private static func later(_ rent: String, _ total: String) -> String {
    "\(head)\(rent)\n\(coffee)\(coffee)\(tea)\n2026-02-28,Total balance, , ,EUR,\(total),-\(total)\n"
  }

  private static let me = "map=" + QueryText.encoded(#"{"Mira": "me"}"#)

  /// A line with another text, another amount or another day is another entry to a format without ids.
  @Test(
    arguments: Backend.available,
    [
      ("2026-01-03,Rent January,Rent,100.00,EUR,50.00,-50.00", "55.00", Int64(10_500)),
      ("2026-01-03,Rent,Rent,120.00,EUR,60.00,-60.00", "65.00", 11_500),
      ("2026-01-05,Rent,Rent,100.00,EUR,50.00,-50.00", "55.00", 10_500),
      ("", "5.00", 5500),
    ])
  func changedLineIsNotCountedTwice(backend: Backend, change: (rent: String, total: String, sum: Int64))
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let one = try await books.importFile(Self.first, query: "?\(Self.me)")
      #expect(!one.differs && one.missing.isEmpty && one.showsBalances)
      let before = try await books.send("GET", "/export").text
      let file = Self.later(change.rent, change.total)
      let report = try await books.importFile(file, query: "?dryRun=true&\(Self.me)")
      #expect(report.differs && report.duplicates == 2 && report.twins == 0)
      let rent = ImportReport.Missing(
        number: 1, date: try #require(Day("2026-01-03")), text: "Rent", import: try #require(one.id))
      #expect(report.missing == [rent])
      #expect(report.balances.map(\.here) == [change.sum, -change.sum])
      let total = try Amount(decimal: change.total, currency: try #require(Currency(code: "EUR"))).minorUnits
      #expect(report.balances.map(\.there) == [total, -total])
      let refused = try await books.sendFile(Data(file.utf8), query: "?\(Self.me)")
      try expectProblem(refused, 409, "balances_differ")
      #expect(
        refused.text.contains(#"This file does not have #1 \"Rent\""#)
          && refused.text.contains("undo that import first"), "\(refused.text)")
      #expect(try await books.send("GET", "/export").text == before)

      // What the user accepts is what the report said.
      let accepted = try await books.importFile(file, query: "?differences=accept&\(Self.me)")
      #expect(try await books.nets()["anna EUR"] == change.sum)
      #expect(try await books.send("DELETE", "/imports/\(try #require(accepted.id))").status == 204)
      #expect(try await books.send("GET", "/export").text == before)
      // In the place of the earlier one, the file has its balances.
      #expect(try await books.send("DELETE", "/imports/\(try #require(one.id))").status == 204)
      let alone = try await books.importFile(file, query: "?\(Self.me)")
      #expect(!alone.differs && alone.missing.isEmpty)
      #expect(try await books.nets()["anna EUR"] == total)
    }
  }

  /// An entry of each format with its text, and the same with another one.
  private static let renamed: [(first: String, old: String, new: String)] = [
    (
      #"[{"what": "Fondue", "amount": 10.0, "date": "2026-02-01", "payer_name": "Lena", "payer_weight": 1.0, "owers": ["Lena", "Otto"]}, {"what": "Tea", "amount": 4.0, "date": "2026-02-02", "payer_name": "Otto", "payer_weight": 1.0, "owers": ["Lena", "Otto"]}]"#,
      "Fondue", "Raclette"
    ),
    (
      """
      name,weight,active,color
      "Aino",1,1,"#5c8a3a"
      "Ilmo",1,1,"#5c8a3a"

      what,amount,date,timestamp,payer_name,payer_weight,payer_active,owers,repeat,categoryid,paymentmode
      "Cabin",300,2026-03-01,1772323200,"Aino",1,1,"Aino,Ilmo","n",-4,n
      "Boat",20,2026-03-02,1772409600,"Aino",1,1,"Aino,Ilmo","n",-4,n

      """, "Cabin", "Hut"
    ),
    (
      """
      Who paid,Amount,Currency,For whom,Split amounts,Purpose,Category,Date & time,Exchange rate,Converted amount,Type,Receipt
      Omar,30,EUR,Omar;Ruth,15;15,Bread,,2026-04-01 10:00:00,1,30,expense,
      Omar,8,EUR,Omar;Ruth,4;4,Milk,,2026-04-02 10:00:00,1,8,expense,

      """, "Bread", "Buns"
    ),
    (
      "Date,Description,Amount,Payer,Participants\n2026-02-01,Tickets,30.00,Ann,\"Ann, Bo\"\n2026-02-02,Wine,12.00,Bo,\"Ann, Bo\"\n",
      "Tickets", "Cinema"
    ),
    (
      """
      ; Alps: the books of a group, by KittyCash.
      commodity 1000.00 EUR
      account Kitty  ; type: L
      account Members:Ann  ; type: A
      account Members:Bo  ; type: A

      2026-03-01 (1) Cabin  ; #1 expense
          Members:Ann  30.00 EUR  ; paid
          Members:Ann  -15.00 EUR  ; share:
          Members:Bo  -15.00 EUR  ; share:

      2026-03-02 (2) Bread  ; #2 expense
          Members:Ann  3.00 EUR  ; paid
          Members:Bo  -3.00 EUR  ; share:

      """, "Cabin", "Hut"
    ),
  ]

  @Test(arguments: renamed.indices) func changedTextIsFoundInEachFormat(index: Int) async throws {
    let sample = Self.renamed[index]
    try await GroupFixture.run(on: .sqlite) { books in
      let one = try await books.importFile(sample.first)
      #expect(!one.differs && one.expenses == 2 && !one.showsBalances, "\(one)")
      let file = sample.first.replacing(sample.old, with: sample.new)
      let report = try await books.importFile(file, query: "?dryRun=true")
      #expect(report.differs && report.missing.map(\.text) == [sample.old], "\(report)")
      try expectProblem(try await books.sendFile(Data(file.utf8)), 409, "balances_differ")
    }
  }

  /// A format with ids has entries that were deleted there.
  @Test func deletedEntryIsFoundInAFormatWithIDs() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      func file(_ expenses: String...) -> String {
        #"{"name": "Elba", "currency": "€", "currencyCode": "EUR", "participants": [{"id": "a", "name": "Uma"}, {"id": "b", "name": "Vito"}], "expenses": [\#(expenses.joined(separator: ", "))]}"#
      }
      func expense(_ id: Int, _ title: String) -> String {
        #"{"id": "\#(id)", "expenseDate": "2026-05-0\#(id)T00:00:00.000Z", "title": "\#(title)", "amount": 1000, "paidById": "a", "paidFor": [{"participantId": "a", "shares": 100}, {"participantId": "b", "shares": 100}], "splitMode": "EVENLY", "isReimbursement": false}"#
      }
      #expect(try await books.importFile(file(expense(1, "Ferry"), expense(2, "Ice"))).expenses == 2)
      // Another text is the same entry.
      let renamed = try await books.importFile(file(expense(1, "Boat"), expense(2, "Ice")))
      #expect(renamed.duplicates == 2 && !renamed.differs && renamed.missing.isEmpty)
      let report = try await books.importFile(
        file(expense(2, "Ice"), expense(3, "Tea")), query: "?dryRun=true")
      #expect(report.differs && report.missing.map(\.text) == ["Ferry"] && report.expenses == 1)
      #expect(report.balances.map(\.there) == [1000, -1000] && report.balances.map(\.here) == [1500, -1500])
    }
  }

  @Test(arguments: Backend.available) func otherBooksOfTheSameProgramAreImported(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.importFile(Self.first)
      let other = Self.head + "2026-01-03,Boat,Fun,100.00,EUR,50.00,-50.00\n"
      let report = try await books.importFile(other)
      #expect(report.id != nil && !report.differs && report.missing.isEmpty)
      #expect(report.notices.contains { $0.contains("another import of Splitwise") }, "\(report.notices)")
      // Each goes on by itself.
      let more = try await books.importFile(
        other + "2026-01-06,Oars,Fun,4.00,EUR,2.00,-2.00\n2026-01-01,Sail,Fun,4.00,EUR,2.00,-2.00\n")
      #expect(more.expenses == 2 && !more.differs && more.missing.isEmpty)
      #expect(try await books.nets()["Mira EUR"] == 5400 + 5000 + 400)
    }
  }

  /// A line that two groups of the program have in common does not make them the same.
  @Test func otherBooksMayHaveALineInCommon() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      func file(_ name: String) -> String {
        Self.head
          + (1...5).map { "2026-01-0\($0),\(name) \($0),Fun,8.00,EUR,4.00,-4.00\n" }.joined() + Self.coffee
      }
      let one = try await books.importFile(file("Boat"))
      let report = try await books.importFile(file("Hut"))
      #expect(one.id != nil && report.id != nil && !report.differs && report.missing.isEmpty)
      #expect(report.duplicates == 1 && report.expenses == 5)
      #expect(report.notices.contains { $0.contains("another import of Splitwise") }, "\(report.notices)")
    }
  }

  @Test func entryThatWasDeletedHereIsNotMissing() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      _ = try await books.importFile(Self.first)
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      let file = Self.later("2026-01-03,Rent January,Rent,100.00,EUR,50.00,-50.00", "55.00")
      let report = try await books.importFile(file)
      #expect(!report.differs && report.missing.isEmpty)
      #expect(try await books.nets()["Mira EUR"] == 5500)
    }
  }

  /// The ids follow from the names, so all entries of a member with another name are recognized as twins.
  @Test func memberWithAnotherNameThere() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      _ = try await books.importFile(Self.first, query: "?\(Self.me)")
      let file = Self.later("2026-01-03,Rent January,Rent,100.00,EUR,50.00,-50.00", "55.00")
        .replacing("Mira", with: "Mira K")
      let map = QueryText.encoded(#"{"Mira K": "me"}"#)
      let report = try await books.importFile(file, query: "?dryRun=true&map=\(map)")
      #expect(report.twins == 2 && report.duplicates == 2 && report.missing.map(\.number) == [1])
      #expect(report.differs && report.balances.map(\.here) == [10_500, -10_500])
    }
  }

  /// A table may be one of a month, and any file may be older than the last import.
  @Test func entriesOutsideOfTheFileAreNotMissing() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let titles = "Date,Description,Amount,Payer,Participants\n"
      let lines = (1...3).map { "2026-0\($0)-10,Month \($0),30.00,Ann,\"Ann, Bo\"\n" }
      _ = try await books.importFile(titles + lines[0] + lines[1])
      let report = try await books.importFile(titles + lines[1] + lines[2])
      #expect(report.expenses == 1 && !report.differs && report.missing.isEmpty)
      let old = try await books.importFile(titles + lines[0])
      #expect(old.id == nil && !old.differs && old.missing.isEmpty)
      #expect(old.notices.contains { $0.hasSuffix("which are not compared: 1.") }, "\(old.notices)")
      // Within the rounding of many thirds an entry that is gone counts as well.
      let thirds = (0..<200).map { "2026-05-01,Third \($0),1.00,Ann,\"Ann, Bo, Cy\"\n" }
      let gone = "2026-05-01,Gone,1.20,Ann,\"Ann, Bo, Cy\"\n"
      _ = try await books.importFile(titles + thirds.joined() + gone)
      let later = try await books.importFile(titles + thirds.joined(), query: "?dryRun=true")
      #expect(later.differs && later.missing.map(\.text) == ["Gone"])
    }
  }

  @Test(arguments: Backend.available) func twinIsNamedAndCanBeKept(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["Mira", "Jonas"]) { books in
      let coffee = try await books.enter(
        "/expenses",
        #"{"description": "coffee", "amount": "4.00", "payer": "\#(books.bob)", "date": "2026-01-04", "participants": ["\#(books.bob)", "\#(books.carl)"]}"#
      )
      let report = try await books.importFile(Self.first, query: "?dryRun=true")
      #expect(report.duplicates == 1 && report.twins == 1 && report.expenses == 2)
      let line = ImportReport.LeftOut(
        place: "line 4", text: "Coffee",
        reason: "It is here as #\(coffee.number): the same day, text and amounts.", number: coffee.number)
      #expect(report.leftOut == [line])
      let kept = try await books.importFile(Self.first, query: "?twins=keep")
      #expect(kept.duplicates == 0 && kept.twins == 0 && kept.expenses == 3 && kept.leftOut.isEmpty)
      #expect(try await books.nets()["Mira EUR"] == 5400 + 200)
      // What the file made is no twin.
      let again = try await books.importFile(Self.first, query: "?twins=keep")
      #expect(again.id == nil && again.duplicates == 3 && again.twins == 0)
      #expect(try await books.importFile(Self.first, query: "?twins=omit").duplicates == 3)
      try expectFirstError(
        try await books.sendFile(Data(Self.first.utf8), query: "?twins=x"), 422, "unknown_value",
        field: "twins")
    }
  }

  /// A file in another format has the entries as twins, and lacks the one that was changed.
  @Test(arguments: Backend.available, ["hledger", "beancount", "json"])
  func changedEntryIsFoundInAnotherFormat(backend: Backend, format: String) async throws {
    try await GroupFixture.run(on: backend) { books in
      for day in 1...6 {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x\#(day)", "amount": 1000, "payer": "\#(books.anna)", "date": "2026-01-0\#(day)"}"#
        )
      }
      let first = try await books.send("GET", "/export?format=\(format == "json" ? "hledger" : "json")").text
      #expect(
        try await books.send("PATCH", "/expenses/3", #"{"amount": 9000}"#, headers: [("If-Match", "*")])
          .status
          == 200)
      let second = try await books.send("GET", "/export?format=\(format)").text
      let (group, members) = try await books.server.makeGroup(books.token, guests: [], currency: "EUR")
      let there = GroupFixture(server: books.server, token: books.token, group: group, members: members)
      let one = try await there.importFile(first)
      let report = try await there.importFile(second, query: "?dryRun=true")
      #expect(report.twins == 5 && report.expenses == 1 && report.differs, "\(report)")
      let id = try #require(one.id)
      #expect(report.missing.map(\.text) == ["x3"] && report.missing.map(\.import) == [id])
      try expectProblem(try await there.sendFile(Data(second.utf8)), 409, "balances_differ")
      #expect(try await there.send("DELETE", "/imports/\(id)").status == 204)
      let alone = try await there.importFile(second)
      #expect(!alone.differs && alone.expenses == 6)
      let nets = try await books.nets()
      #expect(try await there.nets() == nets)
    }
  }
}
