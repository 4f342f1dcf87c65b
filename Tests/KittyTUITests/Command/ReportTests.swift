import Foundation
import Testing

@testable import KittyTUI

/// Tables and JSON of reports.
struct ReportTests {
  @Test func columnsAreAsWideAsTheirCells() {
    let table = Table(
      columns: [.init("Name"), .init("Sum", isNumber: true), .init("Note")],
      rows: [
        ["井上", "1.00", "x"], ["Bo", "100.00", ""], [.init(SafeText(String("e\u{301}\u{1b}"))), "-", "y"],
      ])
    #expect(
      table.text(hasColour: false) == """
        Name     Sum  Note
        井上    1.00  x
        Bo    100.00  \("")
        e\u{301}·         -  y

        """)
    #expect(Table(columns: [.init("Name")], rows: []).text(hasColour: false).isEmpty)
  }

  @Test func aColourTakesNoWidth() {
    let table = Table(columns: [.init("A", isNumber: true)], rows: [[.init("1", .minus)], ["1000"]])
    #expect(table.text(hasColour: true) == "   \u{1b}[1mA\u{1b}[0m\n   \u{1b}[31m1\u{1b}[0m\n1000\n")
  }

  @Test func jsonIsEscapedAndTheSame() throws {
    let text = "a\u{1b}\u{9b}\u{202e}\u{e0041}👨‍👩‍👧é\u{7f}"
    let document = try JSONEncoder().encode([text])
    let safe = SafeJSON.bytes(Array(document))
    #expect(try JSONDecoder().decode([String].self, from: Data(safe)) == [text])
    #expect(String(decoding: safe, as: UTF8.self).contains("👨\\u200d👩"))
    #expect(SafeJSON.bytes(Array("{}\n".utf8)) == Array("{}\n".utf8))
  }

  @Test func everyExitCodeIsDocumented() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    let page = try String(contentsOf: root.appending(path: "docs/cli.md"), encoding: .utf8)
    for status in CommandStatus.allCases {
      #expect(page.contains("| \(status.rawValue) | \(status.meaning) |"))
    }
    for command in KittyTUI.configuration.subcommands {
      let name = command.configuration.commandName ?? ""
      #expect(page.contains("kittycash \(name)"), "\(name)")
    }
  }
}
