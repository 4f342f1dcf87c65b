import Foundation
import TestSupport
import Testing

/// docs/security.md names the test of each attack and requirement: the names must stay true.
@Suite struct SecurityDocumentTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")

  /// The cells of each row of a table, without those of its head.
  private static func rows() throws -> [[String]] {
    try Document("docs/security.md").text.split(separator: "\n").filter { $0.hasPrefix("| ") }
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
      .filter { $0[0].first?.isNumber == true || isAttack($0[0]) }
  }

  private static func isAttack(_ cell: String) -> Bool { cell.hasPrefix("A") && Int(cell.dropFirst()) != nil }

  private static func files(below folder: String, endingIn suffix: String) throws -> [String] {
    let folder = root.appending(path: folder)
    let paths = try #require(FileManager.default.enumerator(atPath: folder.path(percentEncoded: false)))
    return try paths.compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }
      .map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
  }

  /// The names of all tests of the package.
  private static func tests() throws -> Set<String> {
    var names: Set<String> = []
    for text in try files(below: "Tests", endingIn: ".swift") {
      for part in text.components(separatedBy: "@Test").dropFirst() {
        guard let rest = part.components(separatedBy: "func ").dropFirst().first else { continue }
        names.insert(String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }))
      }
    }
    return names
  }

  @Test func namedTestsExist() throws {
    let tests = try Self.tests()
    try #require(tests.count > 500)
    let makefile = try String(contentsOf: Self.root.appending(path: "Makefile"), encoding: .utf8)
    let rows = try Self.rows()
    try #require(rows.count > 150)
    for row in rows {
      let last = try #require(row.last)
      let names = last.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }
        .map(\.element)
      #expect(
        !names.isEmpty || last.hasPrefix("decision") || last == "operator",
        "\(row[0]) has no test and no reason")
      for name in names {
        let exists =
          name.hasPrefix("make ") ? makefile.contains("\n\(name.dropFirst(5)):") : tests.contains(name)
        #expect(exists, "\(row[0]) names \(name), which is not a test")
      }
    }
  }

  @Test func attacksOfTheTableAreMade() throws {
    let made = try Self.files(below: "Tests/Attack", endingIn: "attacks.py").joined()
    let attacks = try Self.rows().filter { Self.isAttack($0[0]) }
    #expect(attacks.map { $0[0] } == (1...attacks.count).map { "A\($0)" })
    for row in attacks {
      let isMade = made.contains("\"\(row[0]) ")
      #expect(isMade == row.last?.contains("`make attack`"), "\(row[0]) and Tests/Attack/attacks.py differ")
    }
  }
}
