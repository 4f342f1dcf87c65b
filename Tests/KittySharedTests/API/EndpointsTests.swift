import KittyShared
import Testing

struct EndpointsTests {
  @Test func eachRouteIsDeclaredOnce() {
    let keys = Endpoints.all.map { "\($0.method.rawValue) \($0.path)" }
    #expect(keys.count == Set(keys).count)
  }

  @Test func groupRoutesRequireMembership() {
    for route in Endpoints.all where route.path.hasPrefix("/v1/groups/{group}") {
      guard case .member = route.access else {
        Issue.record("\(route.path) is open to others")
        continue
      }
    }
  }

  @Test func changesRequireMoreThanReadRight() {
    for route in Endpoints.all where route.method != .get {
      #expect(route.access != .member(.read), "\(route.method.rawValue) \(route.path)")
    }
  }

  @Test func pathsAreFilled() {
    let id = ID(at: Instant(milliseconds: 0))
    #expect(Endpoints.removeMember.route.path([id, id]) == "/v1/groups/\(id)/members/\(id)")
    #expect(Endpoints.me.route.path([]) == "/v1/me")
  }
}
