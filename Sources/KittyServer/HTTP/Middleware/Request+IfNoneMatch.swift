import HTTPTypes
import Hummingbird
import KittyShared

extension Request {
  /// `true` when the client has what this `ETag` names already: `If-None-Match` lists it, or is `*`.
  func hasCopy(of tag: String) -> Bool {
    guard let known = headers[.ifNoneMatch] else { return false }
    return known.trimmed == "*" || known.contains(tag)
  }
}
