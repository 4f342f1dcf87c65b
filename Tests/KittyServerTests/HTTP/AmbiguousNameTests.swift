import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Cells of a table that may be something else than the name of a member.
@Suite struct AmbiguousNameTests {
  private static func table(_ participants: String, payer: String = "Ann") -> String {
    """
    Date,Description,Amount,Payer,Participants
    2026-02-01,Tickets,30.00,\(payer),"\(participants)"
    2026-02-02,Wine,12.00,Bob,Ann; Bob; Eve

    """
  }

  @Test(arguments: [
    "Ann and Bob", "Ann und Bob", "Ann et Bob", "Ann y Bob", "Ann e Bob", "Ann en Bob", "ANN AND BOB",
    "Ann/Bob", "Ann & Bob/Eve",
    "Ann&Bob", "Ann\nBob", "Ann Bob", "Ann 50%; Bob 50%", "Ann (2); Bob (1)", "2x Ann; Bob", "2 x Ann; Bob",
    "Ann x2; Bob",
    "Ann ×2; Bob", "Ann 2; Bob 1", "Ann 3.50; Bob 26.50", "Ann 5€; Bob 25€", "all except Bob",
    "alle außer Bob", "only Ann", "Only Ann",
    "not Bob", "Ann only", "everyone; Zoe", "Zoe and Yann", "(Ann)",
  ])
  func textIsNotTakenForAMember(participants: String) async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let answer = try await books.sendFile(Data(Self.table(participants).utf8), query: "?dryRun=true")
      try expectFirstError(answer, 422, "ambiguous", field: "line 2")
    }
  }

  @Test func refusalListsAllOfThem() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let file = Self.table("2x Ann; Bob", payer: "Bob/Eve") + "2026-02-03,Bread,4.00,Bob/Eve,Ann 50%\n"
      let answer = try await books.sendFile(Data(file.utf8), query: "?dryRun=true")
      let error = try #require(try answer.decode(Problem.self).errors?.first)
      #expect(error.code == "ambiguous" && error.message.hasPrefix("\"Bob/Eve\" may be"))
      #expect(error.names == ["Bob/Eve", "2x Ann", "Ann 50%"])
      let map = #"{"Bob/Eve": "Bob", "2x Ann": "me", "Ann 50%": "Ann 50%"}"#
      let report = try await books.importFile(file, query: "?dryRun=true&map=\(QueryText.encoded(map))")
      #expect(report.members.count == 6)
    }
  }

  @Test(arguments: ["Ann and Bob", "Ann/Bob", "Ann\nBob", "Ann Bob"])
  func neitherIsAPayer(payer: String) async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let file = Self.table("Ann; Bob; Eve", payer: "\"\(payer)\"")
      let answer = try await books.sendFile(Data(file.utf8), query: "?dryRun=true")
      try expectFirstError(answer, 422, "ambiguous", field: "line 2")
    }
  }

  @Test(arguments: [
    ("Ann; Ann B.", ["Ann", "Ann B.", "Bob", "Eve"]), ("Ann; Ann Smith", ["Ann", "Ann Smith", "Bob", "Eve"]),
    ("Ann-Marie; Max2", ["Ann", "Ann-Marie", "Max2", "Bob", "Eve"]), ("Ann:2; Bob:1", ["Ann", "Bob", "Eve"]),
    ("“Ann”; „Bob“:2; «Eve»", ["Ann", "Bob", "Eve"]), ("'Ann'; ‘Bob’", ["Ann", "Bob", "Eve"]),
    ("O'Neil; d'Arc", ["Ann", "O'Neil", "d'Arc", "Bob", "Eve"]),
    ("everybody", ["Ann", "Bob", "Eve"]), ("EVERYONE", ["Ann", "Bob", "Eve"]),
    ("Anna E Smith; Zoe", ["Ann", "Anna E Smith", "Zoe", "Bob", "Eve"]),
  ])
  func nameIsAMember(participants: String, names: [String]) async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let report = try await books.importFile(Self.table(participants), query: "?dryRun=true")
      #expect(report.members.map(\.name) == names)
    }
  }

  /// A name that the request names, or that a member has, is one.
  @Test func nameIsKnown() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let file = Self.table("Bob; Ann and Bob")
      let map = "map=" + QueryText.encoded(#"{"Ann and Bob": "Ann and Bob"}"#)
      #expect(try await books.importFile(file, query: "?\(map)").members.map(\.here).contains("Ann and Bob"))
      #expect(try await books.importFile(file).duplicates == 2)
      let refused = try await books.server.send(
        "POST", "/v1/imports?dryRun=true", token: books.token, body: .bytes(Array(file.utf8)))
      try expectFirstError(refused, 422, "ambiguous", field: "line 2")
      let known = try await books.server.send(
        "POST", "/v1/imports?dryRun=true&currency=EUR&\(map)", token: books.token,
        body: .bytes(Array(file.utf8)))
      #expect(known.status == 200, "\(known.text)")
    }
  }
}
