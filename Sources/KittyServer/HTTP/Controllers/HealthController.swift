import Hummingbird
import KittyShared
import Logging

/// The routes for monitors: the process is alive, and it is ready to serve.
///
/// The version is for clients on this machine only: others could look up its known weaknesses.
struct HealthController: Sendable {
  private let readiness: Shared<Readiness>

  init(_ checks: ReadinessChecks) { readiness = Shared(for: .seconds(1), checks.run) }

  func register(on routes: inout Routes) {
    // `LivenessHandler` answers the plain requests.
    routes.on(Endpoints.live) { call in Reply(Health(status: "ok", version: Self.version(for: call))) }
    routes.on(Endpoints.ready, ready)
  }

  private static func version(for call: Call) -> String? {
    call.context.client.isLoopback && call.request.headers[.forwardedFor] == nil ? KittyCash.version : nil
  }

  private func ready(_ call: Call) async throws -> Reply<Health> {
    let found = await readiness.value()
    guard found.broken.isEmpty else {
      let names = found.broken.map { "\($0.key): \($0.value)" }.sorted().joined(separator: "; ")
      throw Rejection(
        .unavailable, "not_ready", "Not ready", names,
        errors: found.broken.sorted { $0.key < $1.key }.map {
          FieldError(field: $0.key, code: "not_ready", message: $0.value)
        },
        retryAfter: 1)
    }
    let isWell = found.parts.values.allSatisfy { $0 == "ok" }
    return Reply(
      Health(status: isWell ? "ok" : "degraded", version: Self.version(for: call), parts: found.parts))
  }
}

/// The state of the parts of a server.
struct Readiness: Sendable {
  /// `ok`, or the problem, by the name of the part.
  var parts = ["database": "ok", "cache": "ok", "data folder": "ok", "photos": "ok"]
  /// The parts without which the server cannot serve requests.
  var broken: [String: String] = [:]
}

/// Looks at the parts of the server.
struct ReadinessChecks: Sendable {
  let database: any Database
  let cache: (any CacheInvalidation)?
  let photos: any PhotoStorage
  let uploads: UploadFolder
  let logger: Logger

  func run() async -> Readiness {
    var found = Readiness()
    do {
      try await database.ping()
    } catch DatabaseFailure.overloaded {
      // It answers other requests. If every busy server were taken out of service, none would be left.
    } catch {
      logger.warning("database not ready", metadata: ["error": "\(error)"])
      found.broken["database"] = "does not answer"
    }
    if let healthProblem = uploads.healthProblem() { found.broken["data folder"] = healthProblem }
    guard found.broken.isEmpty else { return found }
    // All copies share the folder, so this takes none of them out of service: everything but photos may work.
    if uploads.isFull() {
      logger.warning("data folder not ready", metadata: ["why": "the disk is full"])
      found.parts["data folder"] = "the disk is full: free space"
    }
    // Without the cache everything works, but slower; without the photo storage, everything but photos.
    if let healthProblem = await cache?.healthProblem() { found.parts["cache"] = healthProblem }
    if let healthProblem = await photos.healthProblem() {
      logger.warning("photo store not ready", metadata: ["why": "\(healthProblem)"])
      found.parts["photos"] = "not ready; the log says why"
    }
    return found
  }
}
