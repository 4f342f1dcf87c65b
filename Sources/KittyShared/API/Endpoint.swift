/// One route of the API with the types that travel over it.
///
/// Every route is declared exactly once, in `Endpoints.swift`. The server registers a handler for each
/// and the client calls it, so that the two cannot drift apart.
public struct Endpoint<Input: Sendable, Output: Sendable>: Sendable {
  /// What does not depend on the types.
  public let route: Route

  init(
    _ method: Route.Method, _ path: String, _ access: Route.Access, success: Int = 200, query: [String] = []
  ) {
    route = Route(
      method: method, path: path, access: access, success: success, query: query,
      body: .init(Input.self), answer: .init(Output.self))
  }
}

/// A method, a path with named holes, and who may use it.
public struct Route: Hashable, Sendable {
  /// The HTTP method.
  public let method: Method
  /// Such as `/v1/groups/{group}/expenses`.
  public let path: String
  /// Who may use it. The server enforces this before a handler runs.
  public let access: Access
  /// The status of a success.
  public let success: Int
  /// The query parameters that it knows; any other is refused.
  public let query: [String]
  /// What the body of a request is.
  public let body: Content
  /// What the body of a success is.
  public let answer: Content

  /// What a body is.
  public enum Content: Hashable, Sendable {
    case nothing, json, bytes

    fileprivate init(_ type: Any.Type) {
      self = type == Empty.self ? .nothing : type == Bytes.self ? .bytes : .json
    }
  }

  /// The methods in use.
  public enum Method: String, Sendable {
    case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
  }

  /// Who may use a route.
  public enum Access: Hashable, Sendable {
    /// Everybody.
    case anyone
    /// Whoever is signed in.
    case user
    /// A member of the group that the path names, with this right.
    case member(Right)
  }

  /// What a member may do in a group.
  public enum Right: Hashable, Sendable {
    /// See everything.
    case read
    /// Enter expenses and guests.
    case write
    /// Change the group itself.
    case administer
  }

  /// The path with its holes filled from left to right.
  public func path(_ values: [any CustomStringConvertible]) -> String {
    var values = values[...]
    return path.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.hasPrefix("{") ? values.popFirst().map(\.description) ?? String(part) : String(part)
    }.joined(separator: "/")
  }
}

/// The body of a request or an answer that has none.
public struct Empty: Codable, Sendable {
  /// Makes one.
  public init() {}
}

/// A body that is not JSON: the bytes of a picture.
public struct Bytes: Sendable {}
