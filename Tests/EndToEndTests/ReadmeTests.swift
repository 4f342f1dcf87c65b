import Foundation
import TestSupport
import Testing

/// The command lines of README.md, docs/books.md and docs/groups.md.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment)) struct ReadmeTests {
  @Test func readmeLinesWorkInOrder() async throws {
    let lines = try Document("README.md").part(after: "\n## Script it\n", before: "\n## ").lines
    try #require(lines.split(separator: "\n").count >= 7)
    try await Deployment.run { deployment in
      let printed = try await deployment.curl(Document.script(lines, on: deployment))
      #expect(
        printed.contains(#""net":6667"#) || printed.contains(#""net":6666"#),
        "\(printed)")
      #expect(printed.contains(#""width":480"#), "\(printed)")
    }
  }

  @Test func booksLinesWorkInOrder() async throws {
    let first = try Document("README.md").part(after: "\n## Script it\n", before: "Amounts in answers").lines
    let books = try Document("docs/books.md").lines
    try #require(books.split(separator: "\n").count > 30)
    try await Deployment.run { deployment in
      let printed = try await deployment.curl(
        Document.script([first, "cd \"$(mktemp -d)\"", books].joined(separator: "\n"), on: deployment))
      for part in [
        #""kind":"count""#, #""action":"restored""#, #""method":"fewest""#, #""lines":["#,
        #""name":"Flat 12""#,
      ] {
        #expect(printed.contains(part), "\(part) in \(printed)")
      }
    }
  }

  @Test func groupsLinesWorkInOrder() async throws {
    let first = try Document("README.md").part(after: "\n## Script it\n", before: "Amounts in answers").lines
    let groups = try Document("docs/groups.md").lines
    try #require(groups.split(separator: "\n").count > 10)
    try await Deployment.run { deployment in
      let printed = try await deployment.curl(
        Document.script([first, groups].joined(separator: "\n"), on: deployment))
      for part in [
        #""invitedBy":"anna""#, #""guest":"Bob""#, #""role":"admin""#, #""ownEntriesOnly":true"#,
      ] {
        #expect(printed.contains(part), "\(part) in \(printed)")
      }
    }
  }
}

extension Document {
  /// Returns the lines as a script for a deployment instead of the server of `make run`, which stops at the first
  /// error.
  static func script(_ lines: String, on deployment: Deployment) -> String {
    "set -e\n"
      + lines
      .replacingOccurrences(of: "http://127.0.0.1:8080", with: deployment.url)
      .replacingOccurrences(of: "cat.jpg", with: "\"$CAT\"")
      .replacingOccurrences(of: "curl -sS ", with: "curl -sS --fail-with-body ")
  }
}
