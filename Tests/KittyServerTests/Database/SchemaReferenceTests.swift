import GRDB
import TestSupport
import Testing

@testable import KittyServer

/// The foreign keys of SQLite, which has one writer: the deletion of a row must not hold it up.
@Suite struct SchemaReferenceTests {
  @Test func rowsThatReferToADeletedRowAreLookedUp() async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate(Migration.all)
      // Groups have few of these.
      let small: Set = ["categories", "invites"]
      let lookups = try await database.pool.read { connection in
        let tables = try String.fetchAll(
          connection, sql: "select name from sqlite_master where type = 'table' and sql not like '%virtual%'")
        return try tables.filter { !small.contains($0) }.flatMap { table in
          try connection.foreignKeys(on: table).map { key in
            let columns = key.mapping.map(\.origin)
            let conditions = columns.map { "\($0) = 1" }.joined(separator: " and ")
            let plan = try GRDB.Row.fetchAll(
              connection, sql: "explain query plan select 1 from \(table) where \(conditions)"
            ).map { String(describing: $0["detail"] as String?) }
            return (table: table, columns: columns, plan: plan.joined())
          }
        }
      }
      await database.close()
      #expect(lookups.contains { $0.table == "revisions" && $0.columns == ["group_id", "made_by"] })
      // An entry is found by its own key.
      for lookup in lookups where lookup.columns != ["group_id", "id", "version"] {
        #expect(
          lookup.columns.allSatisfy { lookup.plan.contains("\($0)=?") },
          "\(lookup.table) \(lookup.columns): \(lookup.plan)")
      }
    }
  }
}
