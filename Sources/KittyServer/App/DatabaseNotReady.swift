import FoundationEssentials
import KittyShared

/// The database has no data of KittyCash, or its schema is older than this program.
struct DatabaseNotReady: Error, CustomStringConvertible {
  let description: String

  /// Checks that the SQLite file exists, if the settings use one.
  /// - Throws: `DatabaseNotReady` when it does not.
  static func requireFile(of settings: Settings) throws {
    guard settings.databaseURL == nil else { return }
    let path = settings.dataFolder + "/kittycash.sqlite"
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard let size, size > 0 else {
      throw DatabaseNotReady(
        description: """
          There is no KittyCash data in \(settings.dataFolder). Name the right folder with --data, or create the data \
          with "kittycash-server migrate".
          """)
    }
  }

  /// Checks that the schema of the database is the one of this program.
  /// - Throws: `DatabaseNotReady` when the database belongs to another program or is older; `MigrationFailure` when
  ///   it is newer.
  static func requireSchema(of database: any Database) async throws {
    let applied: [(Int, String)]
    do { applied = try await database.appliedMigrations() } catch DatabaseFailure.fault {
      throw DatabaseNotReady(description: "There is no KittyCash data in this database.")
    }
    try require(applied, of: Migration.all)
  }

  /// Checks that all migrations were applied.
  /// - Throws: `DatabaseNotReady` or `MigrationFailure`.
  static func require(_ applied: [(Int, String)], of migrations: [Migration]) throws {
    guard let last = applied.last else {
      throw DatabaseNotReady(description: "There is no KittyCash data in this database.")
    }
    try Migration.check(Dictionary(uniqueKeysWithValues: applied), against: migrations)
    guard applied.count == migrations.count else {
      throw DatabaseNotReady(
        description: """
          The database has schema version \(last.0), and KittyCash \(KittyCash.version) needs \
          \(migrations.last?.version ?? 0). Run "kittycash-server migrate" first.
          """)
    }
  }
}
