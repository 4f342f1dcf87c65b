/// A request to create a resource; the client may choose its id.
package protocol Creation: RequestBody {
  /// The id, if the client makes it.
  var id: ID? { get }
}

extension FieldChecks {
  /// Checks an id made by the client.
  package mutating func newID(_ value: ID?, _ field: String = "id") {
    require(
      value.map { $0.version == 7 } ?? true, field, "not_version_7",
      "Send a UUID of version 7, or leave the id out.")
  }
}
