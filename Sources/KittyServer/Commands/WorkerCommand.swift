import ArgumentParser
import ServiceLifecycle

/// `kittycash-server worker`.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Run background jobs in a separate process.")

  @OptionGroup var flags: Settings.Flags

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(settings, as: "kittycash-worker") { logger, output in
      try await withDependencies(settings, logger: logger) { dependencies in
        try await dependencies.migrate()
        var services = dependencies.metricsServices(of: "kittycash-worker", output)
        if let url = settings.redisURL {
          services.append(
            .init(service: RedisJobNotifier.Listener(url: url, notifier: dependencies.notifier)))
        }
        try await Startup.serve(services + [.init(service: dependencies.worker())], logger: logger)
      }
    }
  }
}
