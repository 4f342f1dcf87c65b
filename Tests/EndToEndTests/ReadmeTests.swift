import Foundation
import Testing

/// What the README tells a newcomer to paste.
@Suite(.enabled(if: Needs.missing == nil, Needs.comment)) struct ReadmeTests {
  @Test func itsLinesWorkInOrder() async throws {
    let text = try String(contentsOfFile: Stack.root + "/README.md", encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## Script it\n").dropFirst().first)
    let blocks = section.components(separatedBy: "\n## ")[0].components(separatedBy: "```sh\n").dropFirst()
    let lines = blocks.map { $0.components(separatedBy: "\n```")[0] }.joined(separator: "\n")
    try #require(lines.split(separator: "\n").count >= 7)
    try await Stack.run { stack in
      let script =
        lines
        .replacingOccurrences(of: "http://127.0.0.1:8080", with: stack.url)
        .replacingOccurrences(of: "cat.jpg", with: "\"$CAT\"")
        .replacingOccurrences(of: "curl -sS ", with: "curl -sS --fail-with-body ")
      let printed = try await stack.curl("set -e\n" + script)
      #expect(
        printed.contains(#""net":6667"#) || printed.contains(#""net":6666"#) || printed.contains(#""net":0"#),
        "\(printed)")
      #expect(printed.contains(#""width":480"#), "\(printed)")
    }
  }
}
