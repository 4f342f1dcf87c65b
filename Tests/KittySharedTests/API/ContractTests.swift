import OpenAPIDocument
import FoundationEssentials
import KittyShared
import Testing

/// Compares docs/openapi.yaml with the route table.
struct ContractTests {
  let contract: ContractFile

  init() throws { contract = try ContractFile() }

  @Test func contractHasRoutesOfTable() throws {
    let table = Set(Endpoints.all.map { "\($0.method.rawValue) \($0.path)" })
    #expect(Set(try contract.operations().keys) == table)
  }

  @Test func contractDescribesRoutesAsTable() throws {
    let operations = try contract.operations()
    for route in Endpoints.all {
      let name = "\(route.method.rawValue) \(route.path)"
      let operation = try #require(operations[name], "\(name) is not in the contract")
      #expect(Set(operation.parameters(in: "query")) == Set(route.query), "the query of \(name)")
      let holes = route.path.split(separator: "/").filter { $0.hasPrefix("{") }
        .map { String($0.dropFirst().dropLast()) }
      #expect(Set(operation.parameters(in: "path")) == Set(holes), "the path of \(name)")
      let security = operation.value["security"] ?? contract.root["security"]
      #expect(security == Self.security(route.access), "the security of \(name)")
      #expect(operation.value["summary"]?.text?.isEmpty == false, "\(name) has no summary")
      try checkBodies(of: route, operation, name)
      try checkStatuses(of: route, operation, name)
    }
  }

  /// The security of a route in the contract's form.
  private static func security(_ access: Route.Access) -> JSONValue {
    let roles: [String]
    switch access {
    case .anyone: return .list([])
    case .user: roles = []
    case .session: roles = ["session"]
    case .member(let right): roles = ["\(right)"]
    }
    return .list([.object(["token": .list(roles.map(JSONValue.text))])])
  }

  private func checkBodies(of route: Route, _ operation: ContractFile.Operation, _ name: String) throws {
    let request = try contract.content(operation.value["requestBody"])
    switch route.input {
    case "Empty": #expect(request.types == [], "the request of \(name)")
    case "Bytes": #expect(!request.types.contains("application/json"), "the request of \(name)")
    default: #expect(request.schema == route.input, "the request of \(name)")
    }
    let responses = operation.value["responses"]
    let answer = try contract.content(responses?[String(route.success)])
    switch route.output {
    case "Empty": #expect(answer.types == [], "the answer of \(name)")
    case "Bytes": #expect(!answer.types.isEmpty, "the answer of \(name)")
    case "Entered" where route.success == 201:
      // What was made, or what would be.
      #expect(answer.schema == "Entry", "the answer of \(name)")
      #expect(try contract.content(responses?["200"]).schema == "EntryPreview", "the dry run of \(name)")
    default: #expect(answer.schema == Self.schema(route.output), "the answer of \(name)")
    }
  }

  private func checkStatuses(of route: Route, _ operation: ContractFile.Operation, _ name: String) throws {
    var successes: Set = [String(route.success)]
    if route.query.contains("dryRun") { successes.insert("200") }
    // A part of a file.
    if route.answer == .bytes, operation.statuses.contains("206") { successes.insert("206") }
    #expect(operation.statuses.filter { $0.hasPrefix("2") } == successes, "the success of \(name)")
    // Any request may have an unknown parameter, be one too many, or meet a server that is stopping.
    var needed: Set = ["422", "429", "503"]
    if route.access != .anyone { needed.insert("401") }
    if case .member(let right) = route.access {
      needed.insert("404")
      if right != .read { needed.insert("403") }
    }
    if route.input != "Empty" { needed.formUnion(["413", "415"]) }
    if route.input != "Empty", route.input != "Bytes" { needed.insert("400") }
    let isChange = route.method == .patch
    if isChange { needed.formUnion(["412", "428"]) }
    #expect(
      operation.statuses.isSuperset(of: needed), "\(name) lacks \(needed.subtracting(operation.statuses))")
    #expect(operation.statuses.contains("412") == operation.parameters(in: "header").contains("If-Match"))
    #expect(operation.statuses.contains("428") == isChange)
  }

  /// The contract's name for a type: `Page<Entry>` is `EntryPage`.
  private static func schema(_ type: String) -> String {
    guard type.hasPrefix("Page<") else { return type }
    return type.dropFirst(5).dropLast() + "Page"
  }
}
