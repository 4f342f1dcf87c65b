import KittyShared

@testable import KittyServer

/// The paths of the route table, and the header values that follow from it.
enum RoutePaths {
  /// Every path with its routes.
  static let all = Dictionary(grouping: Endpoints.all, by: \.path)

  /// The path with ids as its parameters.
  static func filled(_ path: String) -> String {
    let id = ID(at: .now)
    return all[path]?.first?.path([id, id, id]) ?? path
  }

  /// The methods that a path with these routes allows.
  static func methods(_ routes: [Route]) -> Set<String> {
    Set(routes.map(\.method.rawValue)).union(["OPTIONS"])
      .union(routes.contains { $0.method == .get } ? ["HEAD"] : [])
  }

  /// The values of a header that is a list.
  static func list(_ header: String?) -> Set<String> {
    Set((header ?? "").split(separator: ",").map { String($0).trimmed })
  }
}
