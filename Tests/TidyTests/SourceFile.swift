import Foundation

/// A Swift file, cut into what the rules look at.
struct SourceFile {
  /// The path from the top of the repository.
  let path: String
  /// The code of each line: comments and the text of string literals are left out, interpolations are kept.
  let code: [String]
  /// The comment of each line that has one, from its slashes on.
  let comments: [String]
  /// The string literals, with the line on which each begins.
  let strings: [(line: Int, text: String)]
  /// The lines as they are.
  let lines: [String]

  init(path: String, text: String) {
    self.path = path
    var scanner = Scanner(Array(text.utf8))
    scanner.run()
    code = scanner.code.map { String(decoding: $0, as: UTF8.self) }
    comments = scanner.comments.map { String(decoding: $0, as: UTF8.self) }
    strings = scanner.strings.map { ($0.line, String(decoding: $0.text, as: UTF8.self)) }
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The name without folder and extension.
  var name: String { String(path.split(separator: "/").last?.dropLast(6) ?? "") }

  /// The folder of the file below `root`; empty when it lies in `root` itself.
  func folder(below root: String) -> String {
    path.dropFirst(root.count + 1).split(separator: "/").dropLast().joined(separator: "/")
  }
}

/// Takes a file apart in one pass: O(bytes).
private struct Scanner {
  private let bytes: [UInt8]
  private var at = 0
  private(set) var code: [[UInt8]] = [[]]
  private(set) var comments: [[UInt8]] = [[]]
  private(set) var strings: [(line: Int, text: [UInt8])] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func run() { scanCode(untilParenthesis: false) }

  private func byte(_ offset: Int = 0) -> UInt8 { at + offset < bytes.count ? bytes[at + offset] : 0 }

  private mutating func newLine() {
    code.append([])
    comments.append([])
  }

  /// Scans code; inside of an interpolation, up to the parenthesis that ends it.
  private mutating func scanCode(untilParenthesis: Bool) {
    var depth = 0
    while at < bytes.count {
      switch byte() {
      case UInt8(ascii: "\n"): newLine()
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
        while at < bytes.count, byte() != UInt8(ascii: "\n") {
          comments[comments.count - 1].append(byte())
          at += 1
        }
        continue
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
        while at < bytes.count, !(byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) {
          if byte() == UInt8(ascii: "\n") { newLine() } else { comments[comments.count - 1].append(byte()) }
          at += 1
        }
        at += 2
        continue
      case UInt8(ascii: "\""):
        scanString()
        continue
      case UInt8(ascii: "#") where opensString:
        scanString()
        continue
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        if untilParenthesis, depth == 0 { return }
        depth -= 1
      default: break
      }
      if byte() != UInt8(ascii: "\n") { code[code.count - 1].append(byte()) }
      at += 1
    }
  }

  /// `true` if the number signs here begin a raw string.
  private var opensString: Bool {
    var offset = 0
    while byte(offset) == UInt8(ascii: "#") { offset += 1 }
    return byte(offset) == UInt8(ascii: "\"")
  }

  private mutating func scanString() {
    var signs = 0
    while byte() == UInt8(ascii: "#") {
      signs += 1
      at += 1
    }
    let quote = UInt8(ascii: "\"")
    let isLong = byte(1) == quote && byte(2) == quote
    let quotes = isLong ? 3 : 1
    at += quotes
    let line = code.count
    var text: [UInt8] = []
    code[code.count - 1].append(quote)
    while at < bytes.count {
      if byte() == quote, (0..<quotes).allSatisfy({ byte($0) == quote }),
        (0..<signs).allSatisfy({ byte(quotes + $0) == UInt8(ascii: "#") })
      {
        at += quotes + signs
        break
      }
      if byte() == UInt8(ascii: "\\"), (0..<signs).allSatisfy({ byte(1 + $0) == UInt8(ascii: "#") }) {
        if byte(1 + signs) == UInt8(ascii: "(") {
          at += 2 + signs
          code[code.count - 1].append(UInt8(ascii: " "))
          scanCode(untilParenthesis: true)
          text += Array("\u{0}".utf8)
          at += 1
          continue
        }
        text.append(byte())
        text.append(byte(1))
        at += 2
        continue
      }
      if byte() == UInt8(ascii: "\n") {
        if !isLong { break }
        newLine()
      }
      text.append(byte())
      at += 1
    }
    code[code.count - 1].append(quote)
    strings.append((line, text))
  }
}

extension String {
  /// The identifiers of a line of code, with whether each follows a dot.
  var identifiers: [(name: String, isMember: Bool)] {
    var found: [(String, Bool)] = []
    var word: [UInt8] = []
    var (before, last) = (UInt8(0), UInt8(0))
    for byte in Array(utf8) + [0] {
      let isWord =
        byte == UInt8(ascii: "_") || (48...57).contains(byte) || (65...90).contains(byte)
        || (97...122).contains(byte)
      if isWord {
        if word.isEmpty { before = last }
        word.append(byte)
      } else if !word.isEmpty {
        found.append((String(decoding: word, as: UTF8.self), before == UInt8(ascii: ".")))
        word = []
      }
      last = byte
    }
    return found
  }
}
