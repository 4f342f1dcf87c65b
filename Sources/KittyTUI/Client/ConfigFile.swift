import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// The settings of a user in a file, in the part of TOML that they need: tables, and keys with a text, `true`, `false`, a
/// whole number, or a list of texts on one line. A line that is not understood is reported with its number, and the others
/// count.
struct ConfigFile: Sendable {
  /// A key with its value.
  struct Entry: Hashable, Sendable {
    /// The table, such as `keys`; empty above the first table.
    let table: String
    let key: String
    let value: Value
    let line: Int
  }

  enum Value: Hashable, Sendable {
    case text(String)
    case flag(Bool)
    case number(Int)
    case list([String])
  }

  /// A line that is wrong, in words for the user.
  struct Problem: Hashable, Sendable {
    let line: Int
    let words: String
  }

  private(set) var entries: [Entry] = []
  private(set) var problems: [Problem] = []

  /// The maximum size of the file.
  private static let limit = 65_536

  /// The path of the file: `$XDG_CONFIG_HOME/kittycash/config.toml` or `~/.config/kittycash/config.toml`.
  static func path(_ environment: [String: String]) -> String {
    let home = environment["HOME"] ?? "/"
    let config = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.config"
    return config + "/kittycash/config.toml"
  }

  /// Reads the file; without a file there are no settings.
  init(path: String) {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
      defer { try? file.close() }
      let bytes = try file.read(upTo: Self.limit + 1)
      guard bytes.count <= Self.limit else {
        self.init(problem: "It is longer than \(Self.limit / 1024) KiB, so it is not used.")
        return
      }
      self.init(parsing: String(decoding: bytes, as: UTF8.self))
    } catch {
      if error as? Errno == .noSuchFileOrDirectory {
        self.init(parsing: "")
      } else {
        self.init(problem: "It cannot be read: \(error).")
      }
    }
  }

  /// A file without settings.
  static let empty = ConfigFile(parsing: "")

  private init(problem: String) { problems = [Problem(line: 0, words: problem)] }

  /// Reads the text of a file.
  init(parsing text: String) {
    var table = ""
    var known: Set<[String]> = []
    for (index, line) in Self.lines(of: text).enumerated() {
      let number = index + 1
      do throws(Mistake) {
        var scanner = Scanner(line)
        guard let item = try scanner.item() else { continue }
        switch item {
        case .table(let name): table = name
        case .entry(let key, let value):
          guard known.insert([table, key]).inserted else {
            throw Mistake("\"\(key)\" stands here a second time; the first one counts.")
          }
          entries.append(Entry(table: table, key: key, value: value, line: number))
        }
      } catch {
        problems.append(Problem(line: number, words: error.words))
      }
    }
  }

  private static func lines(of text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }

  /// A line that is not understood.
  private struct Mistake: Error {
    let words: String
    init(_ words: String) { self.words = words }
  }

  /// Reads one line.
  private struct Scanner {
    enum Item {
      case table(String)
      case entry(String, Value)
    }

    private var rest: Substring

    init(_ line: Substring) { rest = line }

    /// Returns the content of the line; `nil` for an empty line or a comment.
    mutating func item() throws(Mistake) -> Item? {
      skipSpaces()
      if isAtEnd { return nil }
      if take("[") {
        let name = try key()
        guard take("]") else { throw Mistake("The name of a table ends with ].") }
        try end()
        return .table(name)
      }
      let name = try key()
      guard take("=") else { throw Mistake("Write a key, = and a value, such as: theme = \"dark\".") }
      let value = try value()
      try end()
      return .entry(name, value)
    }

    private var isAtEnd: Bool { rest.isEmpty || rest.first == "#" }

    private mutating func skipSpaces() { rest = rest.drop { $0 == " " || $0 == "\t" } }

    /// Takes a mark, and the spaces around it.
    private mutating func take(_ mark: Character) -> Bool {
      skipSpaces()
      guard rest.first == mark else { return false }
      rest.removeFirst()
      skipSpaces()
      return true
    }

    private func end() throws(Mistake) {
      let left = rest.drop { $0 == " " || $0 == "\t" }
      guard left.isEmpty || left.first == "#" else {
        throw Mistake("\"\(left.prefix(20))\" is too much after the value.")
      }
    }

    private mutating func key() throws(Mistake) -> String {
      if rest.first == "\"" || rest.first == "'" { return try text() }
      let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" || $0 == "_" }
      guard !name.isEmpty else {
        throw Mistake("Write a key, = and a value, such as: theme = \"dark\".")
      }
      rest = rest[name.endIndex...]
      return String(name)
    }

    private mutating func value() throws(Mistake) -> Value {
      switch rest.first {
      case "\"", "'": return .text(try text())
      case "[": return .list(try list())
      default: break
      }
      let word = rest.prefix { $0 != " " && $0 != "\t" && $0 != "#" }
      rest = rest[word.endIndex...]
      switch word {
      case "true": return .flag(true)
      case "false": return .flag(false)
      case "": throw Mistake("The value is missing.")
      default:
        guard let number = Int(word) else {
          throw Mistake(
            "\"\(word.prefix(40))\" is not a value. Write a text in quotation marks, such as \"\(word.prefix(40))\"."
          )
        }
        return .number(number)
      }
    }

    private mutating func list() throws(Mistake) -> [String] {
      rest.removeFirst()
      skipSpaces()
      var texts: [String] = []
      while !take("]") {
        guard rest.first == "\"" || rest.first == "'" else {
          throw Mistake("A list has texts in quotation marks, on one line: [\"a\", \"b\"].")
        }
        texts.append(try text())
        guard take(",") || rest.first == "]" else {
          throw Mistake("Write a comma between the texts of a list, and ] after the last.")
        }
      }
      return texts
    }

    /// Reads a text in quotation marks. Within double ones, a backslash gives the next character another meaning.
    private mutating func text() throws(Mistake) -> String {
      let mark = rest.removeFirst()
      var text = ""
      while let character = rest.popFirst() {
        if character == mark { return text }
        guard character == "\\", mark == "\"" else {
          text.append(character)
          continue
        }
        switch rest.popFirst() {
        case "\""?: text.append("\"")
        case "\\"?: text.append("\\")
        case "t"?: text.append("\t")
        case "n"?: text.append("\n")
        default:
          throw Mistake("After a backslash only \" \\ t and n have a meaning. Write '…' for a plain text.")
        }
      }
      throw Mistake("The quotation mark at the end is missing.")
    }
  }
}
