import OpenAPIDocument
import Foundation
import KittyShared
import Testing
import Yams

/// The contract as a tree to look around in.
struct ContractFile {
  let root: JSONValue

  init() throws {
    let tree = try Yams.load(yaml: String(decoding: OpenAPIDocument.yaml, as: UTF8.self))
    root = try JSONValue(yaml: try #require(tree))
  }

  /// A value, or what it refers to.
  func resolved(_ value: JSONValue) throws -> JSONValue {
    guard let reference = value["$ref"]?.text else { return value }
    var target = root
    for name in reference.split(separator: "/").dropFirst() {
      target = try #require(target[String(name)], "\(reference) leads nowhere")
    }
    return try resolved(target)
  }

  /// The schemas by their names.
  func schemas() throws -> [String: JSONValue] {
    try #require(root["components"]?["schemas"]?.fields)
  }

  /// A schema by its name, with the properties of each of its alternatives.
  func schema(_ name: String) throws -> JSONValue {
    try #require(try schemas()[name], "the contract has no schema \(name)")
  }

  /// Every operation by its method and path, such as `GET /v1/me`.
  func operations() throws -> [String: Operation] {
    var operations: [String: Operation] = [:]
    for (path, item) in try #require(root["paths"]?.fields) {
      let shared = item["parameters"]?.items ?? []
      for (method, value) in item.fields ?? [:] where method != "parameters" {
        let parameters = try (shared + (value["parameters"]?.items ?? [])).map(resolved)
        operations["\(method.uppercased()) \(path)"] = Operation(value: value, parameters: parameters)
      }
    }
    return operations
  }

  /// One method of one path.
  struct Operation {
    let value: JSONValue
    let parameters: [JSONValue]

    func parameters(in place: String) -> [String] {
      parameters.filter { $0["in"]?.text == place }.compactMap { $0["name"]?.text }
    }

    var statuses: Set<String> { Set((value["responses"]?.fields ?? [:]).keys) }
  }

  /// The media types of a request or a response, and the name of the schema where it is JSON.
  func content(_ value: JSONValue?) throws -> (types: Set<String>, schema: String?) {
    guard let value else { return ([], nil) }
    let content = try resolved(value)["content"]?.fields ?? [:]
    let reference = content["application/json"]?["schema"]?["$ref"]?.text
    return (Set(content.keys), reference?.split(separator: "/").last.map(String.init))
  }
}

/// A YAML value that JSON does not have.
struct NotJSON: Error { let value: String }

extension JSONValue {
  init(yaml: Any) throws {
    switch yaml {
    case is NSNull: self = .null
    case let value as Bool: self = .bool(value)
    case let value as Int: self = .number(Int64(value))
    case let value as String: self = .text(value)
    case let value as [Any]: self = .list(try value.map { try JSONValue(yaml: $0) })
    case let value as [String: Any]: self = .object(try value.mapValues { try JSONValue(yaml: $0) })
    default: throw NotJSON(value: "\(yaml)")
    }
  }

  var fields: [String: JSONValue]? { if case .object(let fields) = self { fields } else { nil } }
  var items: [JSONValue]? { if case .list(let items) = self { items } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var names: Set<String> { Set((items ?? []).compactMap(\.text)) }
  subscript(name: String) -> JSONValue? { fields?[name] }

  /// Without one field.
  func without(_ name: String) -> JSONValue {
    var fields = fields ?? [:]
    fields[name] = nil
    return .object(fields)
  }
}
