import ArgumentParser
import ServiceLifecycle

/// `kittycash-server serve`.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the API (the default).")

  @OptionGroup var flags: Settings.Flags

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(settings, as: "kittycash-server") { logger, output in
      try await withDependencies(settings, logger: logger) { dependencies in
        let lock = try settings.databaseURL == nil ? DataFolderLock(folder: settings.dataFolder) : nil
        defer { withExtendedLifetime(lock) {} }
        try await dependencies.migrate()
        await dependencies.abandonImports()
        if settings.secretKeys.isEmpty {
          logger.notice("secrets of second factors are stored without encryption: set SECRETS_KEY")
        }
        var services = dependencies.metricsServices(of: "kittycash-server", output)
        if settings.worker == .inline { services.append(.init(service: dependencies.worker())) }
        // It stops after the application, so that it writes what the last requests recorded.
        services.append(.init(service: dependencies.uses))
        if let gateway = dependencies.sshGateway() { services.append(.init(service: gateway)) }
        services.append(
          .init(
            service: dependencies.buildApplication(), successTerminationBehavior: .gracefullyShutdownGroup))
        try await Startup.serve(services, logger: logger)
      }
    }
  }
}
