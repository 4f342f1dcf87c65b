/// The routes about the server itself.
extension Endpoints {
  // Health
  /// Answers as long as the process runs.
  package static let live = Endpoint<Empty, Health>(get: "/health/live", .anyone)
  /// Answers 200 when the server can serve, otherwise 503 with the part that is not ready.
  package static let ready = Endpoint<Empty, Health>(get: "/health/ready", .anyone)

  // The contract
  /// The server in a few words, for a person who opens its address: as a page, as text or as `ServerInfo`.
  package static let welcome = Endpoint<Empty, Bytes>(get: "/", .anyone)
  /// The contract: every route, field, limit and error, as OpenAPI.
  package static let contract = Endpoint<Empty, Bytes>(get: "/openapi.yaml", .anyone)
}
