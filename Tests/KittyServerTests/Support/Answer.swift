import Curl
import Foundation
import KittyShared
import Testing

/// The response of a server.
struct Answer: Sendable {
  let response: HTTPResponse
  init(_ response: HTTPResponse) { self.response = response }

  var status: Int { response.status }
  var text: String { String(decoding: response.body, as: UTF8.self) }
  func header(_ name: String) -> String? { response.headers[name.lowercased()] }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do { return try JSON.decode(type, from: Data(response.body)) } catch {
      Issue.record("\(status): \(text)")
      throw error
    }
  }

  /// Decodes the problem and checks the fields that every problem has.
  func problem() throws -> Problem {
    #expect(header("Content-Type") == Problem.contentType)
    let problem = try decode(Problem.self)
    #expect(problem.status == status)
    #expect(problem.requestId == header("X-Request-Id"))
    #expect(problem.type == "urn:problem:kittycash:" + problem.code)
    #expect(!problem.title.isEmpty && !problem.detail.isEmpty)
    return problem
  }
}
