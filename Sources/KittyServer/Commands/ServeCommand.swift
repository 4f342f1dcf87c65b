import ArgumentParser
import KittyShared
import ServiceLifecycle

/// `kittycash-server serve`.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the API (the default).")

  @OptionGroup var flags: Settings.Flags

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(settings, as: "kittycash-server") { logger, output in
      let dependencies = try await Dependencies(settings, logger: logger)
      try await dependencies.migrate()
      var services = dependencies.monitors(of: "kittycash-server", output)
      if settings.worker == .inline { services.append(.init(service: dependencies.worker())) }
      // Stopped after the application, so that it writes what the last requests noted.
      services.append(.init(service: dependencies.uses))
      services.append(
        .init(service: dependencies.application(), successTerminationBehavior: .gracefullyShutdownGroup))
      try await Startup.serve(services, dependencies: dependencies)
    }
  }
}

/// `kittycash-server worker`.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Do the jobs that requests leave for later, in a process of its own.")

  @OptionGroup var flags: Settings.Flags

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(settings, as: "kittycash-worker") { logger, output in
      let dependencies = try await Dependencies(settings, logger: logger)
      try await dependencies.migrate()
      var services = dependencies.monitors(of: "kittycash-worker", output)
      if let url = settings.redisURL {
        services.append(.init(service: RedisJobNotifier.Listener(url: url, notifier: dependencies.notifier)))
      }
      try await Startup.serve(services + [.init(service: dependencies.worker())], dependencies: dependencies)
    }
  }
}

/// `kittycash-server migrate`.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
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
      let dependencies = try await Dependencies(settings, logger: logger)
      let applied = try await dependencies.migrate()
      await dependencies.close()
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
    do {
      spread = try await database.distribute { try await DistributionSmokeTest(database: $0).run() }
    } catch {
      await database.close()
      throw error
    }
    await database.close()
    for table in spread { print("\(table.name): \(table.column.map { "by \($0)" } ?? "on every node")") }
    if spread.isEmpty { print("All tables are spread over the nodes.") }
  }
}
