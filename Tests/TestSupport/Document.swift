import Foundation

/// A text of the package with blocks that people paste somewhere: a shell, a database.
package struct Document: Sendable {
  /// All of it.
  package let text: String

  /// A part that a test looks for is not there.
  package struct Missing: Error { let part: String }

  /// - Parameter path: From the root of the package.
  package init(_ path: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private init(text: String) { self.text = text }

  /// What stands between two texts.
  package func part(after start: String, before end: String) throws -> Document {
    guard let rest = text.components(separatedBy: start).dropFirst().first else { throw Missing(part: start) }
    return Document(text: rest.components(separatedBy: end)[0])
  }

  /// The lines of its blocks for a shell.
  package var lines: String { blocks().map(\.text).joined(separator: "\n") }

  /// A block of lines to paste.
  package struct Block: Sendable {
    /// The title of its section, without the `#`.
    package let title: String
    /// What stands after the three marks that it begins with.
    package let language: String
    /// Its lines.
    package let text: String
  }

  /// Its blocks in these languages, in order.
  package func blocks(_ languages: Set<String> = ["sh"]) -> [Block] {
    var title = ""
    var found: [Block] = []
    // Between the marks, text and blocks take turns.
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
