/// One route of the API with the types of its request and its response.
///
/// Every route is declared exactly once, in `Endpoints.swift`. The server registers a handler for each, and the client
/// calls it, so that the two cannot drift apart. A route that is not a GET must declare what it changes.
package struct Endpoint<Input: Sendable, Output: Sendable>: Sendable {
  /// The part of the declaration that does not depend on the types.
  package let route: Route

  /// Declares a route that changes nothing.
  init(get path: String, _ access: Route.Access, query: [String] = []) {
    self.init(.get, path, access, success: 200, query: query, changes: .nothing)
  }

  /// Declares a route that changes something.
  init(
    _ method: Route.WriteMethod, _ path: String, _ access: Route.Access, changes: Route.Changes,
    success: Int = 200, query: [String] = []
  ) {
    self.init(method.method, path, access, success: success, query: query, changes: changes)
  }

  private init(
    _ method: Route.Method, _ path: String, _ access: Route.Access, success: Int, query: [String],
    changes: Route.Changes
  ) {
    route = Route(
      method: method, path: path, access: access, success: success, query: query, changes: changes,
      input: String(describing: Input.self), output: String(describing: Output.self))
  }
}

/// A method, a path with parameters, the rule of who may use it, and what it changes.
package struct Route: Hashable, Sendable {
  /// The HTTP method.
  package let method: Method
  /// Such as `/v1/groups/{group}/expenses`.
  package let path: String
  /// The callers that may use it. The server enforces this before a handler runs.
  package let access: Access
  /// The status of a success.
  package let success: Int
  /// The known query parameters; any other is refused.
  package let query: [String]
  /// The data that the route changes. The server's caches follow from it.
  package let changes: Changes
  /// The name of the request's type, such as `NewExpense`; `Empty` for a request without a body.
  package let input: String
  /// The name of the response's type, such as `Page<Entry>`.
  package let output: String
  /// The kind of the request body.
  package var body: Content { Content(type: input) }
  /// The kind of the body of a success.
  package var answer: Content { Content(type: output) }

  /// The kind of a body.
  package enum Content: Hashable, Sendable {
    case nothing, json, bytes

    fileprivate init(type: String) { self = type == "Empty" ? .nothing : type == "Bytes" ? .bytes : .json }
  }

  /// The methods in use.
  package enum Method: String, Sendable {
    case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
  }

  /// The methods that change something.
  enum WriteMethod {
    case post, put, patch, delete

    var method: Method {
      switch self {
      case .post: .post
      case .put: .put
      case .patch: .patch
      case .delete: .delete
      }
    }
  }

  /// The callers that may use a route.
  package enum Access: Hashable, Sendable {
    /// Every client, signed in or not.
    case anyone
    /// A signed-in user, and an API token of theirs within its scopes.
    case user
    /// A user with a session. No API token reaches the routes that protect an account.
    case session
    /// A member of the group that the path names, with this right.
    case member(Right)
  }

  /// The rights of a member in a group. `GroupRights` says which role has which.
  package enum Right: Hashable, CaseIterable, Sendable {
    /// See everything.
    case read
    /// Leave the group.
    case leave
    /// Enter something new: entries, comments, guests.
    case enter
    /// Change, delete or restore an entry; in some groups only one's own.
    case revise
    /// Change a member: oneself and guests, or others.
    case amend
    /// Decide who is in the group, and in which role.
    case manage
    /// Change the group itself.
    case administer
    /// The rights of the owner alone.
    case own
  }

  /// Returns the path with its parameters filled from left to right.
  package func path(_ values: [any CustomStringConvertible]) -> String {
    var (values, filled, isInParameter) = (values[...], [UInt8](), false)
    for byte in path.utf8 {
      if byte == UInt8(ascii: "{"), let value = values.popFirst() {
        filled += value.description.utf8
        isInParameter = true
      }
      if !isInParameter { filled.append(byte) }
      if byte == UInt8(ascii: "}") { isInParameter = false }
    }
    return String(decoding: filled, as: UTF8.self)
  }
}

/// The body of a request or a response that has none.
package struct Empty: Codable, Sendable {
  /// Makes an empty body.
  package init() {}
}

/// A body that is not JSON: the bytes of a picture or a file.
package struct Bytes: Sendable {}
