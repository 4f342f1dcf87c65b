import ArgumentParser
import Curl
import FoundationEssentials
import KittyShared

/// `kittycash-server health`.
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Ask whether the server of this machine can serve, or whether its worker lives.",
    discussion: """
      For health checks: it prints one sentence and ends with 0 or 1 within three seconds. It changes nothing. The \
      settings are those of serve, from the environment or from --config.
      """)

  @Flag(help: "Ask after the worker, by its signs of life in the database, and not after the server.")
  var worker = false
  @Option(name: .customLong("config"), help: "A file of NAME=value lines, by the names of the variables.")
  var config: String?
  @Option(help: ArgumentHelp("As for serve. [DATABASE_URL]", valueName: "url")) var databaseURL: String?
  @Option(name: .customLong("data"), help: ArgumentHelp("As for serve. [DATA_DIR]", valueName: "folder"))
  var dataFolder: String?
  @Option(help: "As for serve; all addresses mean this machine. [HOST]") var host: String?
  @Option(help: "As for serve. [PORT]") var port: String?

  /// How long is waited for an answer, in seconds.
  private static let timeout = 3

  func run() async throws {
    let given = [
      ("config", config), ("database-url", databaseURL), ("data", dataFolder), ("host", host), ("port", port),
    ]
    let flags = try Settings.Flags.parse(
      given.flatMap { name, value in value.map { ["--\(name)", $0] } ?? [] })
    let settings = try await Settings.orExit(flags)
    do {
      print(worker ? try await Self.worker(settings) : try await Self.server(settings))
    } catch {
      throw ExitMessage(message: "kittycash-server: \(Startup.sentence(for: error))")
    }
  }

  /// Where a server with these settings is to be asked.
  static func url(host: String, port: Int) -> String {
    let here = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
    return "http://\(here.contains(":") ? "[\(here)]" : here):\(port)/health/ready"
  }

  /// - Returns: A sentence.
  /// - Throws: `Unhealthy`.
  private static func server(_ settings: Settings) async throws -> String {
    let url = url(host: settings.host, port: settings.port)
    guard settings.port != 0 else {
      throw Unhealthy(description: "PORT is 0, so that nobody knows where to ask. Name the port with --port.")
    }
    var request = HTTPRequest(method: "GET", url: url)
    request.totalSeconds = timeout
    request.usesProxy = false
    let answer: HTTPResponse
    do { answer = try await HTTPClient().send(request) } catch {
      throw Unhealthy(description: "Nobody answers at \(url) (\(error)). Is the server running?")
    }
    let body = Data(answer.body)
    if answer.status == 200, let health = try? JSON.decode(Health.self, from: body) {
      let complaints = (health.parts ?? [:]).filter { $0.value != "ok" }.map { "\($0.key): \($0.value)" }
      return complaints.isEmpty ? "Ready." : "Ready, but \(complaints.sorted().joined(separator: "; "))."
    }
    let why = (try? JSON.decode(Problem.self, from: body))?.detail ?? "it answered \(answer.status)"
    throw Unhealthy(description: "The server at \(url) is not ready: \(why)")
  }

  /// - Returns: A sentence.
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
    let found = try await withThrowingTaskGroup(of: [(name: String, beatAt: Instant)].self) { group in
      group.addTask {
        do { return try await WorkerStore(database: database).list(on: host) } catch DatabaseFailure.fault {
          throw DatabaseNotReady(
            description: "The database has no signs of life yet: no worker of this version has run on it.")
        }
      }
      group.addTask {
        try await Task.sleep(for: .seconds(timeout))
        throw Unhealthy(description: "The database does not answer within \(timeout) seconds.")
      }
      defer { group.cancelAll() }
      return try await group.next() ?? []
    }
    return try sentence(about: found, on: host, at: .now)
  }

  /// What the signs of life of a host's workers mean; the latest comes first.
  /// - Throws: `Unhealthy` when none is recent.
  static func sentence(
    about workers: [(name: String, beatAt: Instant)], on host: String, at now: Instant
  ) throws -> String {
    guard let latest = workers.first else {
      throw Unhealthy(
        description: """
          No worker of \(host) has given a sign of life lately. Start "kittycash-server worker", or "serve" without \
          WORKER=separate.
          """)
    }
    let seconds = max(0, (now.milliseconds - latest.beatAt.milliseconds) / 1000)
    guard now <= latest.beatAt.advanced(by: WorkerStore.stale) else {
      throw Unhealthy(
        description:
          "Worker \(latest.name) has given no sign of life for \(seconds) seconds. Look at its log.")
    }
    return "Worker \(latest.name) gave a sign of life \(seconds) seconds ago."
  }
}

/// What is asked after is not well.
struct Unhealthy: Error, CustomStringConvertible {
  let description: String
}
