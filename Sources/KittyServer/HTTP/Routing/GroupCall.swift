import Hummingbird
import KittyShared

/// A request for a reply that is the same for every member of a group. It has no caller in it, so that such a reply
/// cannot depend on one.
struct GroupCall: QueryReading, Sendable {
  let group: ID
  /// The currency of the group.
  let currency: Currency
  let query: [String: String]
  /// The parameters of the path.
  let parameters: Parameters
  /// The version under which data of the group, its members and its books may be cached.
  let version: CacheVersion?
  /// The filter of the query, with the names in it looked up. It may depend on the caller and on the day, so a reply with
  /// one is not cached.
  var filter: ResolvedFilter?

  /// - Throws: `Rejection.notFound` on a route that names no group.
  init(_ call: Call) throws(Rejection) {
    let member = try call.member
    group = member.group
    currency = member.currency
    query = call.query
    parameters = call.context.parameters
    version = call.booksVersion
  }
}
