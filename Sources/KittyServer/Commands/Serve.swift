import ArgumentParser
import KittyShared
import ServiceLifecycle

/// `kittycash-server serve`.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Serve the API (the default).")

  @OptionGroup var flags: Settings.Flags

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(settings, as: "kittycash-server") { logger, output in
      let parts = try await Parts(settings, logger: logger)
      try await parts.migrate()
      var services = parts.monitors(of: "kittycash-server", output)
      if settings.worker == .inline { services.append(.init(service: parts.worker())) }
      // Stopped after the application, so that it writes what the last requests noted.
      services.append(.init(service: parts.uses))
      services.append(
        .init(service: parts.application(), successTerminationBehavior: .gracefullyShutdownGroup))
      try await Startup.serve(services, parts: parts)
    }
  }
}

/// `kittycash-server worker`.
struct Work: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Do the jobs that requests leave for later, in a process of its own.")

  @OptionGroup var flags: Settings.Flags

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(settings, as: "kittycash-worker") { logger, output in
      let parts = try await Parts(settings, logger: logger)
      try await parts.migrate()
      var services = parts.monitors(of: "kittycash-worker", output)
      if let url = settings.redisURL {
        services.append(.init(service: JobSignal.Listener(url: url, bell: parts.bell)))
      }
      try await Startup.serve(services + [.init(service: parts.worker())], parts: parts)
    }
  }
}

/// `kittycash-server migrate`.
struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the database's schema up to date, and stop. serve does so by itself.")

  @OptionGroup var flags: Settings.Flags
  @Flag(
    help: """
      Then spread the tables over the nodes of a PostgreSQL with Citus, each group on one; again after an upgrade \
      that brought new tables.
      """)
  var distribute = false

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(settings, as: "kittycash-server") { logger, _ in
      let parts = try await Parts(settings, logger: logger)
      let applied = try await parts.migrate()
      await parts.close()
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
    let spread: [Distribution.Table]
    do { spread = try await database.distribute { try await BooksTrial(database: $0).run() } } catch {
      await database.close()
      throw error
    }
    await database.close()
    for table in spread { print("\(table.name): \(table.column.map { "by \($0)" } ?? "on every node")") }
    if spread.isEmpty { print("All tables are spread over the nodes.") }
  }
}
