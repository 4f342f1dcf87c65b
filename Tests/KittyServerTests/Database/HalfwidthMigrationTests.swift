import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The migration that writes keys and texts with halfwidth marks of Japanese again.
@Suite struct HalfwidthMigrationTests {
  /// The form in which a text was folded before.
  private static func former(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.flatMap { $0.value == 0xFF9E || $0.value == 0xFF9F ? [$0] : $0.compatible }))
  }

  @Test(arguments: Backend.available) func keysAndTextsAreWrittenAgain(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["ﾊﾞﾝ", "Carl"]) { books in
      let database = books.server.dependencies.database
      let category = try await books.send("POST", "/categories", #"{"name": "ﾊﾟﾝ"}"#)
      #expect(category.status == 201)
      let entry = try await books.enter(
        "/expenses", #"{"description": "ﾊﾞｽ", "amount": 300, "payer": "\#(books.anna)", "note": "｢ｶﾞﾑ｣"}"#)
      let plain = try await books.enter(
        "/expenses", #"{"description": "Bus", "amount": 300, "payer": "\#(books.anna)"}"#)
      #expect(
        try await books.send("POST", "/entries/\(entry.id)/comments", #"{"text": "ﾊﾟﾝ"}"#).status == 201)
      // As an earlier version left them: another member and another category could have the other spelling.
      let (own, comment) = (Self.former("ﾊﾞｽ\nガム"), Self.former("ﾊﾟﾝ"))
      try await database.transact([
        "update accounts set name_key = \(Self.former("ﾊﾞﾝ")) where id = \(books.bob)",
        "update accounts set name = 'バン', name_key = \("バン".nameKey) where id = \(books.carl)",
        "update categories set name_key = \(Self.former("ﾊﾟﾝ"))",
        "update entry_texts set own = \(own) where entry_id = \(entry.id)",
        "update comment_texts set text = \(comment)",
        "delete from schema_migrations where version = \(Migration.halfwidthMarks.version)",
      ])
      let texts: SQL = "select own from entry_texts where entry_id = \(plain.id)"
      let before = try await database.read(texts)[0].decode(String.self)
      #expect(try await database.migrate(Migration.all) == [Migration.halfwidthMarks.version])
      func keys(_ statement: SQL) async throws -> [[Unicode.Scalar]] {
        try await database.read(statement).map { Array(try $0.decode(String.self).unicodeScalars) }
      }
      #expect(
        try await keys("select name_key from accounts where id in (\(books.bob), \(books.carl)) order by id")
          == ["バン\u{1f}2", "バン"].map { Array($0.unicodeScalars) })
      #expect(try await keys("select name_key from categories") == [Array("パン".unicodeScalars)])
      #expect(try await database.read(texts)[0].decode(String.self) == before)
      // Both spellings find the entry and its comment, and the audit at the end finds nothing.
      for word in ["バス", "ﾊﾞｽ", "ガム", "ｶﾞﾑ", "パン", "ﾊﾟﾝ"] {
        let query = try #require(word.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let found = try await books.get(Page<Entry>.self, "/entries?q=\(query)").items
        #expect(found.map(\.id) == [entry.id], "\(word)")
      }
      // A new member or category of the other spelling is the same.
      try expectProblem(try await books.send("POST", "/members", #"{"name": "ﾊﾞﾝ"}"#), 409, "name_taken")
      try expectProblem(try await books.send("POST", "/categories", #"{"name": "パン"}"#), 409, "name_taken")
    }
  }
}
