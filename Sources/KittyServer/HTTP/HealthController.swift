import Hummingbird
import KittyShared

/// Whether the process runs, and whether it can serve.
struct HealthController: Sendable {
  let database: any Database
  let cache: (any Cache)?
  /// What is the matter with the data folder, or `nil`.
  let dataFolderComplaint: @Sendable () -> String?

  func register(on routes: inout Routes) {
    routes.on(Endpoints.live) { _ in Reply(Health(status: "ok", version: serverVersion)) }
    routes.on(Endpoints.ready, ready)
  }

  private func ready(_ call: Call) async throws -> Reply<Health> {
    var parts = ["database": "ok", "cache": "ok", "data folder": "ok"]
    do {
      _ = try await database.read("select 1")
    } catch {
      call.context.logger.warning("database not ready", metadata: ["error": "\(error)"])
      parts["database"] = "does not answer"
    }
    if let complaint = dataFolderComplaint() { parts["data folder"] = complaint }
    let broken = parts.filter { $0.value != "ok" }
    guard broken.isEmpty else {
      let names = broken.map { "\($0.key): \($0.value)" }.sorted().joined(separator: "; ")
      throw Problem(
        503, "not_ready", "Not ready", names,
        errors: broken.keys.sorted().map {
          FieldError(field: $0, code: "not_ready", message: broken[$0] ?? "")
        },
        retryAfter: 1)
    }
    // Everything works without the cache, slower.
    guard let complaint = await cache?.complaint() else {
      return Reply(Health(status: "ok", version: serverVersion, parts: parts))
    }
    parts["cache"] = complaint
    return Reply(Health(status: "degraded", version: serverVersion, parts: parts))
  }
}
