import ArgumentParser

/// `kittycash-server migrate`.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Update the database schema, and stop. The command serve does so at its start.")

  @OptionGroup var flags: Settings.Flags
  @Flag(
    help: """
      Then distribute the tables over the nodes of a PostgreSQL with Citus, each group on one node. Run it again \
      after an upgrade that added tables.
      """)
  var distribute = false

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(settings, as: "kittycash-server") { logger, _ in
      var applied: [Int] = []
      try await withDependencies(settings, logger: logger) { applied = try await $0.migrate() }
      print(
        applied.isEmpty
          ? "The schema is up to date: version \(Migration.all.last?.version ?? 0)."
          : "Applied \(applied.map(String.init).joined(separator: ", ")).")
      if distribute { try await Self.distribute(settings) }
    }
  }

  private static func distribute(_ settings: Settings) async throws {
    guard let url = settings.databaseURL else { throw DistributionFailure.sqlite }
    let database = PostgresDatabase(url: url)
    let distributed: [Distribution.Table]
    do {
      distributed = try await database.distribute { try await DistributionSmokeTest(database: $0).run() }
    } catch {
      await database.close()
      throw error
    }
    await database.close()
    for table in distributed {
      print("\(table.name): \(table.column.map { "by \($0)" } ?? "on every node")")
    }
    if distributed.isEmpty { print("All tables are spread over the nodes.") }
  }
}
