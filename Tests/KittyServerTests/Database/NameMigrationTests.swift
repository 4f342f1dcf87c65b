import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// The migration that writes names in one form, and the keys by which names look the same.
@Suite struct NameMigrationTests {
  @Test(arguments: Backend.available) func storedNamesAndKeysAreBroughtIntoOneForm(backend: Backend)
    async throws
  {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    let database = try location.openDatabase()
    _ = try await database.migrate(Migration.all.filter { $0.version < Migration.namesInOneForm.version })
    let group = ID(at: .now)
    let names = ["Jose\u{301}", "Jos\u{e9}", "Anna\u{200b}", "anna", "\u{410}nna", "Олег", "Bob"]
    let ids = names.indices.map { ID(at: Instant(milliseconds: 1_700_000_000_000 + Int64($0))) }
    try await database.transact(
      [
        "insert into groups (id, name, currency, created_at) values (\(group), \("Cafe\u{301}"), 'EUR', 0)",
        """
        insert into users (id, name, display_name, password_hash, created_at)
        values (\(ids[0]), 'jose', \("Jose\u{301}"), 'x', 0)
        """,
        """
        insert into accounts (group_id, id, kind, name, name_key, role, created_at)
        values (\(group), \(group), 'kitty', 'Kitty', 'kitty', 'kitty', 0)
        """,
      ]
        + names.enumerated().map { index, name in
          """
          insert into accounts (group_id, id, kind, name, name_key, role, created_at)
          values (\(group), \(ids[index]), 'member', \(name), \(name.lowercased()), 'guest', 0)
          """
        }, in: WriteContext())
    #expect(try await database.migrate(Migration.all).contains(Migration.namesInOneForm.version))
    func texts(_ statement: SQL) async throws -> [[Unicode.Scalar]] {
      try await database.read(statement).map { Array(try $0.decode(String.self).unicodeScalars) }
    }
    func scalars(_ texts: [String]) -> [[Unicode.Scalar]] { texts.map { Array($0.unicodeScalars) } }
    #expect(try await texts("select name from groups") == scalars(["Caf\u{e9}"]))
    #expect(try await texts("select display_name from users") == scalars(["Jos\u{e9}"]))
    #expect(
      try await texts("select name from accounts where kind = 'member' order by id")
        == scalars(["Jos\u{e9}", "Jos\u{e9}", "Anna\u{200b}", "anna", "\u{410}nna", "Олег", "Bob"]))
    // The member whose key stays keeps it; the others with the same name get a number.
    #expect(
      try await texts("select name_key from accounts where kind = 'member' order by id")
        == scalars([
          "jos\u{e9}\u{1f}2", "jos\u{e9}", "anna\u{1f}2", "anna", "anna\u{1f}3", "Олег".nameKey, "bob",
        ]))
    #expect(try await database.migrate(Migration.all) == [])
    await database.close()
  }
}
