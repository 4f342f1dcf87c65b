import HTTPTypes
import Hummingbird
import KittyShared

/// The result of a handler: a value and the headers that belong to it.
struct Reply<Output: Sendable>: Sendable {
  let output: Output
  var headers = HTTPFields()
  /// A status other than the success status of the endpoint.
  var status: Int?

  init(_ output: Output) { self.output = output }

  /// Adds the version as `ETag`.
  func withETag(_ version: Int64) -> Self {
    var reply = self
    reply.headers[.eTag] = "\"\(version)\""
    return reply
  }

  /// Adds the path of the new resource as `Location`.
  func withLocation(_ path: String) -> Self {
    var reply = self
    reply.headers[.location] = path
    return reply
  }
}
