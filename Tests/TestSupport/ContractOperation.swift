import KittyShared

/// An operation of the contract: a method and a path with parameters, such as `GET /v1/groups/{group}`.
package struct ContractOperation: Hashable, Sendable {
  package let name: String

  package init(_ name: String) { self.name = name }

  package init(_ route: Route) { name = "\(route.method.rawValue) \(route.path)" }

  /// All operations.
  package static let all = Set(Endpoints.all.map { ContractOperation($0) })

  /// The operations that have no place in the client, each with the reason why no person misses it there.
  package static let unneeded: [ContractOperation: String] = [
    "GET /v1/groups/{group}/members/{member}": "the list has the same; read after a saved form was changed",
    "GET /v1/groups/{group}/categories/{category}": "the list has the same; read after a lost answer",
    "GET /v1/groups/{group}/settlements/{settlement}":
      "the list has the same; read by kittycash settle --book",
    "GET /v1/groups/{group}/expenses": "the list of entries has them",
    "GET /v1/groups/{group}/expenses/{expense}": "read as an entry",
    "DELETE /v1/groups/{group}/expenses/{expense}": "deleted as an entry: Group › d",
    "GET /v1/groups/{group}/payments": "the list of entries has them",
    "GET /v1/groups/{group}/payments/{payment}": "read as an entry",
    "DELETE /v1/groups/{group}/payments/{payment}": "deleted as an entry: Group › d",
    "GET /v1/groups/{group}/balances/series": "for charts; Group › b shows the balances of a day",
    "GET /v1/groups/{group}/charts/{chart}": "for a page or a mail; Group › c draws the same numbers",
    "GET /v1/me/keys/{key}": "the list has the same",
    "GET /v1/me/files": "drafts, settings and what was seen, by themselves over ssh",
    "GET /v1/me/files/{file}": "by itself over ssh; kittycash settings",
    "PUT /v1/me/files/{file}": "by itself over ssh; kittycash settings",
    "DELETE /v1/me/files/{file}": "by itself over ssh",
    "POST /v1/me/uploads": "over ssh: Photo › c, Receipts › n",
    "PUT /v1/uploads": "for the machine that has the file",
    "GET /upload": "for the machine that has the file",
    "GET /health/live": "for health checks",
    "GET /health/ready": "for health checks",
    "GET /": "for those who have no client yet",
    "GET /openapi.yaml": "the contract, for those who write programs",
  ].reduce(into: [:]) { $0[ContractOperation($1.key)] = $1.value }

  /// Returns `true` for a request of this operation.
  /// - Parameter path: Without the query.
  package func matches(method: String, path: String) -> Bool {
    let parts = name.split(separator: " ")
    guard parts.count == 2, parts[0] == method else { return false }
    let asked = path.split(separator: "/")
    let wanted = parts[1].split(separator: "/")
    return asked.count == wanted.count && zip(asked, wanted).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
  }
}
