import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Members of a file and members of a group: named by the request, joined, and the same in a preview and in the import.
@Suite struct MappedImportTests {
  private static func map(_ names: [String: String]) throws -> String {
    "map=" + QueryText.encoded(String(decoding: try JSON.encode(names), as: UTF8.self))
  }

  private static let table = """
    Date,Description,Amount,Payer,Participants
    2026-02-01,Tickets,42.50,Uma,"Uma, Vito, Wim"
    2026-02-02,Bread,10.01,Vito,"Uma, Vito, Wim"

    """

  /// Two members of the file who are one here have two shares of an equal split.
  @Test func joinedMembersHaveAllOfTheirShares() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      for names in [["Uma": "Bob", "Vito": "Bob"], ["Uma": "Vito"]] {
        let report = try await books.importFile(Self.table, query: "?" + Self.map(names))
        #expect(!report.differs && Set(report.members.map(\.here)).count == 2, "\(report)")
        for balance in report.balances { #expect(abs(balance.there - balance.here) <= 1, "\(balance)") }
        let id = try #require(report.id)
        #expect(try await books.send("DELETE", "/imports/\(id)").status == 204)
      }
    }
  }

  /// The odd cents depend on ids, which follow from the group and the names.
  @Test func importHasTheBalancesOfItsPreview() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let previews = try await [
        books.importFile(Self.table, query: "?dryRun=true"),
        books.importFile(Self.table, query: "?dryRun=true"),
      ]
      let report = try await books.importFile(Self.table)
      #expect(previews.map(\.balances) == [report.balances, report.balances])
      // After an undo the guests come back with the same ids.
      #expect(try await books.send("DELETE", "/imports/\(try #require(report.id))").status == 204)
      #expect(try await books.importFile(Self.table).members == report.members)
    }
  }

  /// The shares of an entry follow from its id and those of the members: with other members an import may need another id.
  @Test(arguments: Backend.available) func otherMappingMakesNoEntryTwice(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["Bob", "Carl", "Dora"]) { books in
      for number in 0..<20 {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x\#(number)", "amount": \#(101 + number), "payer": "\#(books.bob)"}"#)
      }
      let file = try await books.send("GET", "/export").text
      let (group, members) = try await books.server.makeGroup(
        books.token, guests: ["Bob", "Carl", "Dora"], currency: "EUR")
      let there = GroupFixture(server: books.server, token: books.token, group: group, members: members)
      #expect(try await there.importFile(file).expenses == 20)
      let again = try await there.importFile(
        file, query: "?differences=accept&" + Self.map(["Bob": "Zed"]))
      #expect(again.expenses == 0 && again.duplicates == 20, "\(again)")
    }
  }

  @Test func memberWithTheIDOfTheGroupGetsAnother() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.bob)"}"#)
      let (group, members) = try await books.server.makeGroup(books.token, guests: [], currency: "EUR")
      let there = GroupFixture(server: books.server, token: books.token, group: group, members: members)
      let file = try await books.send("GET", "/export").text.replacing("\(books.bob)", with: "\(group.id)")
      let report = try await there.importFile(file)
      #expect(report.expenses == 1 && !report.differs)
      #expect(try await there.nets()["Bob EUR"] == 200)
    }
  }

  /// An expense goes after the refunds that came with it.
  @Test(arguments: Backend.available) func forcedUndoTakesRefundsFirst(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let file = try #require(
        ImportSamples.whole.first { $0.format == .kittycash && $0.path.path.contains("refunds") })
      let report = try await books.importFile(String(decoding: file.bytes, as: UTF8.self))
      let entries = try await books.get(Page<Entry>.self, "/entries?limit=100").items
      let refunded = Set(entries.compactMap(\.content.refundOf))
      for id in refunded {
        #expect(try await books.send("POST", "/entries/\(id)/comments", #"{"text": "?"}"#).status == 201)
      }
      let path = "/imports/\(try #require(report.id))"
      try expectProblem(try await books.send("DELETE", path), 409, "changed_since")
      let undone = try await books.send("DELETE", "\(path)?force=true")
      #expect(undone.status == 204, "\(undone.text)")
      #expect(try await books.get(Page<Entry>.self, "/entries?limit=100").items.isEmpty)
    }
  }

  @Test func journalsOfEarlierVersionsAreRead() async throws {
    let heads = [
      "account Kitty  ; type: L\naccount Members:Anna  ; type: A\naccount Members:Jo-Ann  ; type: A, name: Jo Ann\n",
      "account Members  ; type: A\naccount Kitty  ; type: L\naccount Members:Anna\naccount Members:Jo-Ann  ; name: Jo Ann\n",
      "account Members:Anna\naccount Members:Jo-Ann  ; name: Jo Ann\naccount Kitty\n",
    ]
    for head in heads {
      try await GroupFixture.run(on: .sqlite) { books in
        let report = try await books.importFile(
          "; X: the books of a group, by KittyCash.\n\(head)\n2026-03-01 (1) Cabin  ; #1 expense\n"
            + "    Members:Anna  30.00 EUR  ; paid\n    Members:Anna  -15.00 EUR  ; share:\n"
            + "    Members:Jo-Ann  -15.00 EUR  ; share:\n")
        #expect(report.members.map(\.name) == ["Anna", "Jo Ann"] && report.expenses == 1)
      }
    }
  }

  /// Files whose reading must not grow with the square of their size, or end the server.
  @Test func hostileJournalsAreRefused() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let head =
        "; X: the books of a group, by KittyCash.\naccount Members:Anna\naccount Kitty\n\n2026-03-01 (1) Cabin  ; #1 expense\n"
      let tail = "    Members:Anna  30.00 EUR  ; paid\n    Members:Anna  -30.00 EUR  ; share:\n"
      let deep = "    ; category: " + Array(repeating: "a", count: 50_000).joined(separator: ":") + "\n"
      let long = String(repeating: "    ; note: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", count: 100_000)
      for (text, code) in [(deep, "too_deep"), (long, "too_long")] {
        let answer = try await books.sendFile(Data((head + text + tail).utf8), query: "")
        #expect(answer.status == 422 && answer.text.contains(code), "\(answer.text.prefix(300))")
      }
    }
  }

  // MARK: Names that changed

  /// A name means the member that it became in the latest import, whatever they are called by now.
  @Test(arguments: Backend.available, [false, true])
  func nameMeansTheMemberOfTheEarlierImport(backend: Backend, isMapped: Bool) async throws {
    try await GroupFixture.run(on: backend) { books in
      let map = isMapped ? "?" + (try Self.map(["Uma": "me"])) : ""
      let first = try await books.importFile(Self.table, query: map)
      let vito = try #require(first.members.first { $0.name == "Vito" }?.member)
      let any = [("If-Match", "*")]
      #expect(
        try await books.send("PATCH", "/members/\(vito)", #"{"name": "Viktor"}"#, headers: any).status == 200)
      // Another one has the name by now.
      #expect(try await books.send("POST", "/members", #"{"name": "Vito"}"#).status == 201)
      let before = try await books.send("GET", "/export").text
      let again = try await books.importFile(Self.table)
      #expect(again.id == nil && again.duplicates == 2 && again.leftOut.isEmpty && !again.differs, "\(again)")
      #expect(try await books.send("GET", "/export").text == before)

      let more = Self.table + "2026-02-03,Tea,3.00,Vito,\"Uma, Vito, Wim\"\n"
      let later = try await books.importFile(more)
      #expect(later.expenses == 1 && later.members.map(\.member) == first.members.map(\.member))
      // The later import knows the names as well.
      #expect(try await books.send("DELETE", "/imports/\(try #require(first.id))").status == 204)
      #expect(try await books.importFile(more).members.map(\.member) == first.members.map(\.member))

      // The request has the last word, and the reason names the members.
      let other = try await books.importFile(Self.table, query: "?dryRun=true&" + Self.map(["Vito": "Vito"]))
      let entry = try #require(other.leftOut.first { $0.text == "Tickets" })
      #expect(
        entry.reason
          == "It is here as #\(entry.number ?? 0), with \"Viktor\" in place of \"Vito\". If they are the same, say so with map=."
      )
    }
  }

  @Test(arguments: Backend.available) func fileOfKittyCashKnowsItsMembers(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["Bob", "Carl", "Dora"]) { books in
      for number in 0..<5 {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x\#(number)", "amount": \#(101 + number), "payer": "\#(books.bob)"}"#)
      }
      let file = try await books.send("GET", "/export").text
      let (group, members) = try await books.server.makeGroup(books.token, guests: [], currency: "EUR")
      let there = GroupFixture(server: books.server, token: books.token, group: group, members: members)
      #expect(try await there.importFile(file, query: "?" + Self.map(["Bob": "Zed"])).expenses == 5)
      let again = try await there.importFile(file)
      #expect(again.id == nil && again.duplicates == 5 && again.leftOut.isEmpty && !again.differs, "\(again)")
    }
  }

  // MARK: Two members of a file

  /// The ids of a file of KittyCash tell who is who after a rename there, and the new member with the old name is another one.
  @Test(arguments: Backend.available, [false, true])
  func newMemberWithAnOldNameIsAnother(backend: Backend, isMapped: Bool) async throws {
    try await GroupFixture.run(on: backend, guests: ["Bob", "Carl", "Dora"]) { books in
      func enter(_ count: Int, by payer: ID) async throws {
        for number in 0..<count {
          _ = try await books.enter(
            "/expenses", #"{"description": "x", "amount": \#(300 + number), "payer": "\#(payer)"}"#)
        }
      }
      try await enter(4, by: books.bob)
      let (group, members) = try await books.server.makeGroup(
        books.token, guests: isMapped ? ["Zed"] : [], currency: "EUR")
      let there = GroupFixture(server: books.server, token: books.token, group: group, members: members)
      let map = isMapped ? "?" + (try Self.map(["Bob": "Zed"])) : ""
      let first = try await there.importFile(try await books.send("GET", "/export").text, query: map)
      let bob = try #require(first.members.first { $0.name == "Bob" }?.member)

      let any = [("If-Match", "*")]
      let renamed = try await books.send(
        "PATCH", "/members/\(books.bob)", #"{"name": "Robert"}"#, headers: any)
      #expect(renamed.status == 200)
      let other = try await books.send("POST", "/members", #"{"name": "Bob"}"#).decode(Member.self)
      try await enter(1, by: other.id)
      let file = try await books.send("GET", "/export").text
      let later = try await there.importFile(file)
      #expect(later.expenses == 1 && later.duplicates == 4 && later.leftOut.isEmpty && !later.differs)
      #expect(later.members.first { $0.name == "Robert" }?.member == bob)
      #expect(Set(later.members.map(\.here)).count == 5, "\(later.members)")
      let (here, wanted) = (try await there.nets(), try await books.nets())
      #expect(here.values.filter { $0 != 0 }.sorted() == wanted.values.filter { $0 != 0 }.sorted(), "\(here)")
      #expect(try await there.importFile(file).id == nil)
    }
  }

  /// A member of the earlier file who has the name of a new one by now stays the member of that name, and is not both.
  @Test(arguments: Backend.available) func newMemberWithANewNameIsAnother(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let vito = try #require(
        try await books.importFile(Self.table).members.first { $0.name == "Vito" }?.member)
      let renamed = try await books.send(
        "PATCH", "/members/\(vito)", #"{"name": "Viktor"}"#, headers: [("If-Match", "*")])
      #expect(renamed.status == 200)
      let more = Self.table + "2026-02-03,Tea,3.00,Viktor,\"Uma, Vito, Viktor\"\n"
      let report = try await books.importFile(more, query: "?dryRun=true")
      #expect(Set(report.members.map(\.here)).count == 4 && report.differs, "\(report.members)")
      #expect(report.members.first { $0.name == "Viktor" }?.member == vito)
      // The request can say who is who, and that both are one.
      let map = try Self.map(["Vito": "Viktor", "Viktor": "Victor"])
      let told = try await books.importFile(more, query: "?dryRun=true&" + map)
      #expect(told.duplicates == 2 && !told.differs && Set(told.members.map(\.here)).count == 4)
      let both = try Self.map(["Vito": "Viktor", "Viktor": "Viktor"])
      let joined = try await books.importFile(more, query: "?dryRun=true&" + both)
      #expect(joined.duplicates == 2 && Set(joined.members.map(\.here)).count == 3, "\(joined.members)")
    }
  }

  /// Members who have each other's names by now are who they were; those whom an earlier request joined are one.
  @Test(arguments: Backend.available, [false, true])
  func swappedAndJoinedMembersAreKnown(backend: Backend, areJoined: Bool) async throws {
    try await GroupFixture.run(on: backend) { books in
      let map = areJoined ? "?" + (try Self.map(["Uma": "Vito"])) : ""
      let first = try await books.importFile(Self.table, query: map)
      if !areJoined {
        let ids = try ["Uma", "Vito"].map { name in
          try #require(first.members.first { $0.name == name }?.member)
        }
        for (id, name) in [(ids[0], "Umay"), (ids[1], "Uma"), (ids[0], "Vito")] {
          let renamed = try await books.send(
            "PATCH", "/members/\(id)", #"{"name": "\#(name)"}"#, headers: [("If-Match", "*")])
          #expect(renamed.status == 200)
        }
      }
      let again = try await books.importFile(Self.table)
      #expect(again.id == nil && again.duplicates == 2 && again.leftOut.isEmpty && !again.differs, "\(again)")
      #expect(again.members.map(\.member) == first.members.map(\.member))
    }
  }
}
