/// Environment variables of Amazon's tools. An empty one counts as not set: docker-compose.yml passes all of them on.
struct AWSVariables: Sendable {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  subscript(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}
