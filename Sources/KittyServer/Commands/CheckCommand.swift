import ArgumentParser
import FoundationEssentials
import KittyShared

/// `kittycash-server check`.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Recompute the books from the postings and report what does not fit.",
    discussion: """
      Prints each finding on a line of its own. The exit code is 0 when all is right, and 1 when something \
      was found, also when it was repaired, and when there are no books to check. It makes nothing and \
      migrates nothing.
      """)

  @OptionGroup var flags: Settings.Flags
  @Flag(
    help: """
      Set running balances that are wrong to what the postings add up to; not in a group that has lost \
      records.
      """)
  var repairBalances = false

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    // What it prints are findings; the log is for what goes wrong on the way.
    let logger = JSONLogHandler.logger("kittycash-server", level: max(settings.logLevel, .warning))
    var count = 0
    try await Startup.run(logger) {
      try DatabaseNotReady.requireFile(of: settings)
      let dependencies = try await Dependencies(settings, logger: logger)
      do {
        try await DatabaseNotReady.requireSchema(of: dependencies.database)
        count = try await check(
          Audit(database: dependencies.database, photos: dependencies.photos), cache: dependencies.cache)
      } catch {
        await dependencies.close()
        throw error
      }
      await dependencies.close()
      if count == 0 { print("The books balance: nothing was found.") }
    }
    if count > 0 { throw ExitCode(1) }
  }

  /// Prints what was found.
  /// - Returns: How much.
  private func check(_ audit: Audit, cache: (any CacheInvalidation)?) async throws -> Int {
    var count = 0
    if repairBalances {
      let outcome = try await audit.repairBalances()
      // Servers that run beside this must not go on with what they remember.
      await cache?.invalidateBooks(of: outcome.repaired.map(\.group))
      for wrong in outcome.repaired { print("repaired: \(wrong)") }
      for (wrong, why) in outcome.refused {
        print("not repaired, as records are lost or damaged: \(wrong). First restore what is lost: \(why)")
      }
      count = outcome.repaired.count
    }
    let findings = try await audit.findings()
    findings.forEach { print($0) }
    return count + findings.count
  }
}

/// There is nothing to check: another folder or database was meant, or it is not up to date.
struct DatabaseNotReady: Error, CustomStringConvertible {
  let description: String

  /// - Throws: `DatabaseNotReady` when the books would be in a file that is not there.
  static func requireFile(of settings: Settings) throws {
    guard settings.databaseURL == nil else { return }
    let path = settings.dataFolder + "/kittycash.sqlite"
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard let size, size > 0 else {
      throw DatabaseNotReady(
        description: """
          There is no KittyCash data in \(settings.dataFolder). Name it with --data, or make it with \
          "kittycash-server migrate".
          """)
    }
  }

  /// - Throws: `DatabaseNotReady` when the database is another program's, or older; `MigrationFailure` when it is newer.
  static func requireSchema(of database: any Database) async throws {
    let rows: [Row]
    do {
      rows = try await database.read("select version, name from schema_migrations order by version")
    } catch DatabaseFailure.fault {
      throw DatabaseNotReady(description: "There is no KittyCash data in this database.")
    }
    try require(try rows.map { try $0.decode(Int.self, String.self) }, of: Migration.all)
  }

  /// - Throws: `DatabaseNotReady` or `MigrationFailure` unless the steps that a database has are all of `migrations`.
  static func require(_ found: [(Int, String)], of migrations: [Migration]) throws {
    guard let last = found.last else {
      throw DatabaseNotReady(description: "There is no KittyCash data in this database.")
    }
    try Migration.check(Dictionary(uniqueKeysWithValues: found), against: migrations)
    guard found.count == migrations.count else {
      throw DatabaseNotReady(
        description: """
          The database has schema version \(last.0), and this server has \
          \(migrations.last?.version ?? 0). Run "kittycash-server migrate" first.
          """)
    }
  }
}
