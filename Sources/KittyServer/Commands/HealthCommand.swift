import ArgumentParser
import Curl
import FoundationEssentials
import KittyShared

/// `kittycash-server health`.
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Check the health of the local server or worker.",
    discussion: """
      For health checks: it prints one sentence and ends with exit code 0 or 1 within three seconds. It changes \
      nothing. It reads the same settings as serve, from the environment or from --config.
      """)

  @Flag(help: "Check the worker instead, by its heartbeat in the database.")
  var worker = false
  @Option(
    name: .customLong("config"),
    help: "A file of NAME=value lines, with the names of the environment variables.")
  var config: String?
  @Option(help: ArgumentHelp("As for serve. [DATABASE_URL]", valueName: "url")) var databaseURL: String?
  @Option(name: .customLong("data"), help: ArgumentHelp("As for serve. [DATA_DIR]", valueName: "folder"))
  var dataFolder: String?
  @Option(help: "As for serve. An address that stands for all means this machine. [HOST]") var host: String?
  @Option(help: "As for serve. [PORT]") var port: String?

  /// Maximum time to wait for a response, in seconds.
  private static let timeout = 3

  func run() async throws {
    let options = [
      ("config", config), ("database-url", databaseURL), ("data", dataFolder), ("host", host), ("port", port),
    ]
    let flags = try Settings.Flags.parse(
      options.flatMap { name, value in value.map { ["--\(name)", $0] } ?? [] })
    let settings = try await Settings.orExit(flags)
    do {
      StandardOutput.write(
        line: worker ? try await Self.worker(settings) : try await Self.server(settings))
    } catch {
      throw ExitMessage(message: "kittycash-server: \(Startup.sentence(for: error))")
    }
  }

  /// Checks the server.
  /// - Returns: A sentence about its health.
  /// - Throws: `Unhealthy`.
  private static func server(_ settings: Settings) async throws -> String {
    let url = ServerCheck.url(host: settings.host, port: settings.port)
    guard settings.port != 0 else {
      throw Unhealthy(
        description: "PORT is 0, so the server chose its port itself. Name that port with --port.")
    }
    var request = HTTPRequest(method: "GET", url: url)
    request.totalSeconds = timeout
    request.usesProxy = false
    let response: HTTPResponse
    do { response = try await HTTPClient().send(request) } catch {
      throw Unhealthy(
        description: try await migration(settings)
          ?? "No server responds at \(url) (\(error)). Check that it is running.")
    }
    let body = Data(response.body)
    if response.status == 200, let health = try? JSON.decode(Health.self, from: body) {
      let problems = (health.parts ?? [:]).filter { $0.value != "ok" }.map { "\($0.key): \($0.value)" }
      return problems.isEmpty ? "Ready." : "Ready, but \(problems.sorted().joined(separator: "; "))."
    }
    let why =
      (try? JSON.decode(Problem.self, from: body))?.detail ?? "it responded with status \(response.status)"
    throw Unhealthy(description: "The server at \(url) is not ready: \(why)")
  }

  /// A server answers after the schema is up to date, and the update of large tables takes its time.
  /// - Returns: A sentence about the schema when it is older than this program; `nil` when it is up to date, or the
  ///   database does not say so within a second.
  private static func migration(_ settings: Settings) async throws -> String? {
    guard let url = settings.databaseURL else { return nil }
    let database = PostgresDatabase(url: url)
    let applied = try await withThrowingTaskGroup(of: [(Int, String)]?.self) { group in
      group.addTask {
        // Without an answer, the first sentence stands: no server responds.
        try? await database.appliedMigrations()
      }
      group.addTask {
        try await Task.sleep(for: .seconds(1))
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
    await database.close()
    guard let version = applied?.last?.0, let needed = Migration.all.last?.version, version < needed else {
      return nil
    }
    return """
      No server responds yet: the schema has version \(version), and this program needs \(needed). A server that \
      updates it answers afterwards.
      """
  }

  /// Checks the workers of this machine.
  /// - Returns: A sentence about their health.
  /// - Throws: `Unhealthy`, `DatabaseNotReady`, `DatabaseFailure`.
  private static func worker(_ settings: Settings) async throws -> String {
    let database: any Database
    if let url = settings.databaseURL {
      database = PostgresDatabase(url: url)
    } else {
      try DatabaseNotReady.requireFile(of: settings)
      database = try SQLiteDatabase(reading: settings.dataFolder + "/kittycash.sqlite")
    }
    let host = WorkerIdentity.thisHost
    let workers = try await withThrowingTaskGroup(of: [(name: String, heartbeatAt: Instant)].self) { group in
      group.addTask {
        do { return try await WorkerStore(database: database).list(on: host) } catch DatabaseFailure.fault {
          throw DatabaseNotReady(
            description: "The database has no heartbeats: no worker of this version has used it yet.")
        }
      }
      group.addTask {
        try await Task.sleep(for: .seconds(timeout))
        throw Unhealthy(description: "The database does not answer within \(timeout) seconds.")
      }
      defer { group.cancelAll() }
      return try await group.next() ?? []
    }
    return try sentence(about: workers, on: host, at: .now)
  }

  /// Judges the heartbeats of a host's workers.
  /// - Parameter workers: The worker with the latest heartbeat first.
  /// - Returns: A sentence about the latest heartbeat.
  /// - Throws: `Unhealthy` when it is too old.
  static func sentence(
    about workers: [(name: String, heartbeatAt: Instant)], on host: String, at now: Instant
  ) throws -> String {
    guard let latest = workers.first else {
      throw Unhealthy(
        description: """
          No worker of \(host) has a recent heartbeat. Start "kittycash-server worker", or "serve" without \
          WORKER=separate.
          """)
    }
    let seconds = max(0, (now.milliseconds - latest.heartbeatAt.milliseconds) / 1000)
    guard now <= latest.heartbeatAt.advanced(by: WorkerStore.staleAfter) else {
      throw Unhealthy(
        description:
          "The last heartbeat of worker \(latest.name) was \(seconds) seconds ago. Look at its log.")
    }
    return "Worker \(latest.name) had a heartbeat \(seconds) seconds ago."
  }
}

/// The server or worker is not healthy.
struct Unhealthy: Error, CustomStringConvertible {
  let description: String
}
