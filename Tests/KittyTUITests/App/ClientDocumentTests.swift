import Foundation
import TestSupport
import Testing

/// docs/client.md has a row for each property of a good terminal client, with its tests: the names must stay true.
struct ClientDocumentTests {
  /// The number of rows of each section.
  private static let sections: [(letter: String, rows: Int)] = [
    ("N", 20), ("F", 19), ("L", 11), ("D", 13), ("E", 9), ("P", 14), ("Q", 4), ("W", 4), ("M", 8), ("C", 8),
    ("S", 16),
    ("G", 10),
    ("A", 10), ("R", 15), ("T", 15),
  ]
  /// The beginnings of a cell that says why there is no test, or not one of everything.
  private static let reasons = ["decision: ", "not yet", "partly: ", "by design: "]

  private struct Row {
    let id: String
    let holds: String
    /// The texts between backticks.
    var names: [String] {
      holds.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }
  }

  private static func rows() throws -> [Row] {
    try Document("docs/client.md").text.split(separator: "\n").filter { $0.hasPrefix("| ") }
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
      .filter { $0.count == 3 && Int($0[0].dropFirst()) != nil }.map { Row(id: $0[0], holds: $0[2]) }
  }

  /// The names of all tests of the package.
  private static func tests() throws -> Set<String> {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let files = try #require(FileManager.default.enumerator(atPath: root.path(percentEncoded: false)))
    var names: Set<String> = []
    for case let path as String in files where path.hasSuffix(".swift") {
      let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
      for part in text.components(separatedBy: "@Test").dropFirst() {
        guard let rest = part.components(separatedBy: "func ").dropFirst().first else { continue }
        names.insert(String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }))
      }
    }
    return names
  }

  @Test func everyRowIsThereOnce() throws {
    let ids = Self.sections.flatMap { section in (1...section.rows).map { "\(section.letter)\($0)" } }
    #expect(try Self.rows().map(\.id) == ids)
  }

  @Test func namedTestsExist() throws {
    let tests = try Self.tests()
    try #require(tests.count > 300)
    for row in try Self.rows() {
      let hasReason = Self.reasons.contains { row.holds.hasPrefix($0) }
      #expect(hasReason || !row.names.isEmpty, "\(row.id) has no test and no reason")
      for name in row.names { #expect(tests.contains(name), "\(row.id) names \(name), which is not a test") }
    }
  }
}
