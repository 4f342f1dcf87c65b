import Foundation
import Testing

@testable import KittyTUI

/// The choice of the terminal's type, and what is sent to its clipboard.
struct TerminalTypeTests {
  private func choose(_ name: String?, known: Set<TerminalType>) throws -> TerminalType {
    try TerminalType.choose(name) { known.contains($0) ? .usable : .unknown }
  }

  @Test func unknownTypeHasASubstitute() throws {
    #expect(try choose("xterm-kitty", known: [.xterm256, .xterm]) == .xterm256)
    #expect(try choose("foot", known: [.xterm]) == .xterm)
    #expect(try choose("vt100", known: [.named, .xterm256]) == .named)
  }

  @Test func terminalOfLinesIsRefusedInWords() {
    for name in ["dumb", "", nil] {
      #expect(throws: Terminal.Unusable.self) { try choose(name, known: [.named, .xterm256]) }
    }
    do {
      _ = try TerminalType.choose("hardcopy\u{1b}[2J") { $0 == .named ? .linesOnly : .usable }
      Issue.record("a terminal of lines was taken")
    } catch {
      #expect(
        error.description.contains("TERM=hardcopy·[2J") && error.description.contains("kittycash --help"))
    }
    #expect(throws: Terminal.Unusable.self) { try choose("xterm", known: []) }
  }

  @Test func copiedTextIsBoundedAndCannotEndItsSequence() {
    #expect(Clipboard.sequence(for: "aZ3") == Array("\u{1b}]52;c;YVoz\u{7}".utf8))
    #expect(Clipboard.sequence(for: "") == nil)
    #expect(Clipboard.sequence(for: String(repeating: "a", count: Action.longestCopy + 1)) == nil)
    let hostile = "a\u{7}\u{1b}\\\u{1b}[2J\u{9b}"
    let bytes = Clipboard.sequence(for: hostile) ?? []
    #expect(bytes.dropFirst(1).dropLast(1).allSatisfy { (0x20..<0x7f).contains($0) })
    #expect(bytes.count < 4 * Action.longestCopy)
  }
}
