import Foundation
import TestSupport
import Testing

/// Every operation of the contract, done by a person at the keyboard: the client on a terminal, through nginx.
struct TypedOperationTests {
  @Test func everyOperationIsTyped() {
    let typed = TypedStory.all.reduce(into: Set<ContractOperation>()) { $0.formUnion($1.operations) }
    let needed = ContractOperation.all.subtracting(ContractOperation.unneeded.keys)
    #expect(needed.subtracting(typed).map(\.name).sorted().isEmpty, "operations that no story does")
    #expect(
      typed.subtracting(needed).map(\.name).sorted().isEmpty, "operations without a place in the client")
  }

  @Test(
    .enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), arguments: TypedStory.all)
  func storyIsTyped(story: TypedStory) async throws {
    let mail = try SMTPSink()
    defer { mail.stop() }
    let settings = [
      "SMTP_URL": mail.url, "SMTP_FROM": "kitty@example.org", "PUBLIC_URL": "https://kitty.example.org",
    ]
    try await Deployment.run(settings: settings) { deployment in
      try await story.play(deployment, mail)
      // nginx writes a line after the answer has left.
      try await wait(
        for: "the operations in the log of nginx",
        state: { try story.operations.subtracting(deployment.operations()).map(\.name).description }
      ) { try story.operations.isSubset(of: deployment.operations()) ? () : nil }
    }
  }
}

extension Deployment {
  /// A line of the log of nginx.
  private struct Request: Decodable {
    let method: String
    let path: String
    let status: Int
  }

  /// Returns the operations that clients have done through nginx.
  fileprivate func operations() throws -> Set<ContractOperation> {
    let requests = try log("access.log").split(separator: "\n").map {
      try JSONDecoder().decode(Request.self, from: Data($0.utf8))
    }
    return requests.filter { $0.status < 400 }.reduce(into: Set<ContractOperation>()) { done, request in
      done.formUnion(ContractOperation.all.filter { $0.matches(method: request.method, path: request.path) })
    }
  }
}
