import Hummingbird
import KittyShared

/// The routes for monitors: the process is alive, and it is ready to serve.
struct HealthController: Sendable {
  let database: any Database
  let cache: (any CacheInvalidation)?
  let photos: any PhotoStorage
  let uploads: UploadFolder

  func register(on routes: inout Routes) {
    routes.on(Endpoints.live) { _ in Reply(Health(status: "ok", version: serverVersion)) }
    routes.on(Endpoints.ready, ready)
  }

  private func ready(_ call: Call) async throws -> Reply<Health> {
    var parts = ["database": "ok", "cache": "ok", "data folder": "ok", "photos": "ok"]
    do {
      try await database.ping()
    } catch DatabaseFailure.overloaded {
      // It answers other requests. If every busy server were taken out of service, none would be left.
    } catch {
      call.context.logger.warning("database not ready", metadata: ["error": "\(error)"])
      parts["database"] = "does not answer"
    }
    if let healthProblem = uploads.healthProblem() { parts["data folder"] = healthProblem }
    let broken = parts.filter { $0.value != "ok" }
    guard broken.isEmpty else {
      let names = broken.map { "\($0.key): \($0.value)" }.sorted().joined(separator: "; ")
      throw Rejection(
        .unavailable, "not_ready", "Not ready", names,
        errors: broken.keys.sorted().map {
          FieldError(field: $0, code: "not_ready", message: broken[$0] ?? "")
        },
        retryAfter: 1)
    }
    // All copies share the folder, so this takes none of them out of service: everything but photos may work.
    if uploads.isFull() {
      call.context.logger.warning("data folder not ready", metadata: ["why": "the disk is full"])
      parts["data folder"] = "the disk is full: free space"
    }
    // Without the cache everything works, but slower; without the photo storage, everything but photos.
    if let healthProblem = await cache?.healthProblem() { parts["cache"] = healthProblem }
    if let healthProblem = await photos.healthProblem() {
      call.context.logger.warning("photo store not ready", metadata: ["why": "\(healthProblem)"])
      parts["photos"] = "not ready; the log says why"
    }
    let isWell = parts.values.allSatisfy { $0 == "ok" }
    return Reply(Health(status: isWell ? "ok" : "degraded", version: serverVersion, parts: parts))
  }
}
