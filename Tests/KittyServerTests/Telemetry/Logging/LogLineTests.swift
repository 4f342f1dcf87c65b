import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// A log line is safe to read on a terminal, and says the same.
@Suite struct LogLineTests {
  @Test func controlCharactersOfARequestAreEscaped() throws {
    let path = NSTemporaryDirectory() + "kitty-\(ID(at: .now)).log"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = LogFile(RotatingFile(path: path, maxBytes: 1 << 20, kept: 1))
    let logger = JSONLogHandler.logger("test", level: .info, to: LogOutput(file: file))
    let agent = "x\u{9b}31mred\u{9d}0;title\u{7}\u{7f}\u{1b}[2J\u{202e}\u{2066}\u{200f}\u{e0041} Zoë 井上"
    logger.info("request", metadata: ["agent": "\(agent)"])
    file.flush()
    let line = try Data(contentsOf: URL(filePath: path))
    let text = String(decoding: line, as: UTF8.self)
    #expect(text.hasSuffix("}\n") && !text.dropLast().unicodeScalars.contains(where: \.isInvisibleControl))
    #expect(text.contains(#"x\u009b31mred\u009d0;title"#) && text.contains("Zoë 井上"), "\(text)")
    #expect(try JSONDecoder().decode([String: String].self, from: line)["agent"] == agent)
  }
}
