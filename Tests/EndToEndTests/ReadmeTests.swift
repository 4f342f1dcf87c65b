import Foundation
import Testing

/// What the README tells a newcomer to paste.
@Suite(.enabled(if: Needs.missing == nil, Needs.comment)) struct ReadmeTests {
  /// The lines of the blocks of a part of a document.
  private func lines(of path: String, after start: String, before end: String) throws -> String {
    let text = try String(contentsOfFile: Stack.root + "/" + path, encoding: .utf8)
    let section = try #require(text.components(separatedBy: start).dropFirst().first)
    let blocks = section.components(separatedBy: end)[0].components(separatedBy: "```sh\n").dropFirst()
    return blocks.map { $0.components(separatedBy: "\n```")[0] }.joined(separator: "\n")
  }

  private func script(_ lines: String, on stack: Stack) -> String {
    "set -e\n"
      + lines
      .replacingOccurrences(of: "http://127.0.0.1:8080", with: stack.url)
      .replacingOccurrences(of: "cat.jpg", with: "\"$CAT\"")
      .replacingOccurrences(of: "curl -sS ", with: "curl -sS --fail-with-body ")
  }

  @Test func itsLinesWorkInOrder() async throws {
    let lines = try lines(of: "README.md", after: "\n## Script it\n", before: "\n## ")
    try #require(lines.split(separator: "\n").count >= 7)
    try await Stack.run { stack in
      let printed = try await stack.curl(script(lines, on: stack))
      #expect(
        printed.contains(#""net":6667"#) || printed.contains(#""net":6666"#),
        "\(printed)")
      #expect(printed.contains(#""width":480"#), "\(printed)")
    }
  }

  @Test func theLinesAboutTheBooksWorkInOrder() async throws {
    let first = try lines(of: "README.md", after: "\n## Script it\n", before: "Amounts in answers")
    let books = try lines(of: "docs/books.md", after: "# The books", before: "\u{0}")
    try #require(books.split(separator: "\n").count > 30)
    try await Stack.run { stack in
      let printed = try await stack.curl(
        script([first, "cd \"$(mktemp -d)\"", books].joined(separator: "\n"), on: stack))
      for part in [
        #""kind":"count""#, #""action":"restored""#, #""method":"fewest""#, #""lines":["#,
        #""name":"Flat 12""#,
      ] {
        #expect(printed.contains(part), "\(part) in \(printed)")
      }
    }
  }

  @Test func theLinesAboutGroupsWorkInOrder() async throws {
    let first = try lines(of: "README.md", after: "\n## Script it\n", before: "Amounts in answers")
    let groups = try lines(of: "docs/groups.md", after: "# Who may do what", before: "\u{0}")
    try #require(groups.split(separator: "\n").count > 10)
    try await Stack.run { stack in
      let printed = try await stack.curl(script([first, groups].joined(separator: "\n"), on: stack))
      for part in [
        #""invitedBy":"anna""#, #""guest":"Bob""#, #""role":"admin""#, #""ownEntriesOnly":true"#,
      ] {
        #expect(printed.contains(part), "\(part) in \(printed)")
      }
    }
  }
}
