/// One route of the API with the types that travel over it.
///
/// Every route is declared exactly once, in `Endpoints.swift`. The server registers a handler for each
/// and the client calls it, so that the two cannot drift apart.
package struct Endpoint<Input: Sendable, Output: Sendable>: Sendable {
  /// What does not depend on the types.
  package let route: Route

  init(
    _ method: Route.Method, _ path: String, _ access: Route.Access, success: Int = 200, query: [String] = []
  ) {
    route = Route(
      method: method, path: path, access: access, success: success, query: query,
      input: String(describing: Input.self), output: String(describing: Output.self))
  }
}

/// A method, a path with named holes, and who may use it.
package struct Route: Hashable, Sendable {
  /// The HTTP method.
  package let method: Method
  /// Such as `/v1/groups/{group}/expenses`.
  package let path: String
  /// Who may use it. The server enforces this before a handler runs.
  package let access: Access
  /// The status of a success.
  package let success: Int
  /// The query parameters that it knows; any other is refused.
  package let query: [String]
  /// The name of the request's type, such as `NewExpense`; `Empty` when there is none.
  package let input: String
  /// The name of the answer's type, such as `Page<Entry>`.
  package let output: String
  /// What the body of a request is.
  package var body: Content { Content(type: input) }
  /// What the body of a success is.
  package var answer: Content { Content(type: output) }

  /// What a body is.
  package enum Content: Hashable, Sendable {
    case nothing, json, bytes

    fileprivate init(type: String) { self = type == "Empty" ? .nothing : type == "Bytes" ? .bytes : .json }
  }

  /// The methods in use.
  package enum Method: String, Sendable {
    case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
  }

  /// Who may use a route.
  package enum Access: Hashable, Sendable {
    /// Everybody.
    case anyone
    /// Whoever is signed in, and an API token of theirs within its scopes.
    case user
    /// Whoever is signed in themselves: no API token reaches what an account is guarded by.
    case session
    /// A member of the group that the path names, with this right.
    case member(Right)
  }

  /// What somebody may do in a group. Which role has which is in the server's `Permissions`.
  package enum Right: Hashable, CaseIterable, Sendable {
    /// See everything.
    case read
    /// Go.
    case leave
    /// Enter something new: entries, comments, guests.
    case enter
    /// Change, delete or restore an entry; in some groups only one's own.
    case revise
    /// Change a member: oneself and guests, or others.
    case amend
    /// Decide who is in the group, and as what.
    case manage
    /// Change the group itself.
    case administer
    /// What only the owner may.
    case own
  }

  /// The path with its holes filled from left to right.
  package func path(_ values: [any CustomStringConvertible]) -> String {
    var (values, filled, isInHole) = (values[...], [UInt8](), false)
    for byte in path.utf8 {
      if byte == UInt8(ascii: "{"), let value = values.popFirst() {
        filled += value.description.utf8
        isInHole = true
      }
      if !isInHole { filled.append(byte) }
      if byte == UInt8(ascii: "}") { isInHole = false }
    }
    return String(decoding: filled, as: UTF8.self)
  }
}

/// The body of a request or an answer that has none.
package struct Empty: Codable, Sendable {
  package init() {}
}

/// A body that is not JSON: the bytes of a picture.
package struct Bytes: Sendable {}
