import Foundation

/// A document of the package with code blocks to paste into a shell or a database.
package struct Document: Sendable {
  /// The complete text.
  package let text: String

  /// A part of the document is missing.
  package struct Missing: Error { let part: String }

  /// - Parameter path: From the root of the package.
  package init(_ path: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private init(text: String) { self.text = text }

  /// Returns the text between two texts.
  package func part(after start: String, before end: String) throws -> Document {
    guard let rest = text.components(separatedBy: start).dropFirst().first else { throw Missing(part: start) }
    return Document(text: rest.components(separatedBy: end)[0])
  }

  /// The lines of the shell blocks.
  package var lines: String { blocks().map(\.text).joined(separator: "\n") }

  /// A code block.
  package struct Block: Sendable {
    /// The title of its section, without the `#`.
    package let title: String
    /// The language after the three backticks.
    package let language: String
    /// Its lines.
    package let text: String
  }

  /// Returns the blocks in these languages, in order.
  package func blocks(_ languages: Set<String> = ["sh"]) -> [Block] {
    var title = ""
    var found: [Block] = []
    // Text and blocks alternate between the marks.
    for (index, part) in ("\n" + text).components(separatedBy: "\n```").enumerated() {
      guard index % 2 == 1 else {
        title =
          part.split(separator: "\n").last { $0.hasPrefix("#") }.map { $0.drop { "# ".contains($0) } }
          .map(String.init) ?? title
        continue
      }
      let block = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard languages.contains(block[0]) else { continue }
      found.append(Block(title: title, language: block[0], text: block.dropFirst().joined()))
    }
    return found
  }
}
