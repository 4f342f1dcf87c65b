/// Which layer uses the types of which: one row and one column for each, the top first.
struct UseMatrix {
  private let layers: [String]
  private var uses: [String: [String: [(type: String, where: String)]]] = [:]

  /// - Parameter layer: The layer of a file.
  init(files: [SourceFile], layers: [String], layer: (SourceFile) -> String) {
    self.layers = layers
    var homes: [String: Set<String>] = [:]
    for file in files { for name in file.globals { homes[name, default: []].insert(layer(file)) } }
    for file in files {
      let from = layer(file)
      let own = file.declared
      var seen: Set<String> = []
      for (index, line) in file.code.enumerated() {
        for (name, isMember) in line.identifiers where !isMember {
          // A name that two layers have is a nested or private type somewhere: which is meant cannot be told.
          guard let home = homes[name], home.count == 1, let to = home.first, to != from, !own.contains(name),
            seen.insert(name).inserted
          else { continue }
          uses[from, default: [:]][to, default: []].append((name, "\(file.path):\(index + 1) uses \(name)"))
        }
      }
    }
  }

  /// The uses, each with its place.
  func uses(_ from: String, _ to: String) -> [String] { uses[from]?[to]?.map(\.where) ?? [] }

  /// The numbers of types used, as a table.
  var text: String {
    let width = (layers.map(\.count).max() ?? 0) + 2
    func cell(_ text: String) -> String { String(repeating: " ", count: max(0, 4 - text.count)) + text }
    var table =
      String(repeating: " ", count: width + 3) + layers.indices.map { cell("\($0 + 1)") }.joined() + "\n"
    for (index, from) in layers.enumerated() {
      let name = from.isEmpty ? "(top)" : from
      let number = cell("\(index + 1)").dropFirst()
      table += "\(number) " + name + String(repeating: " ", count: width - name.count - 1)
      table += layers.map { to in
        if from == to { return cell("·") }
        let count = Set(uses[from]?[to]?.map(\.type) ?? []).count
        return cell(count == 0 ? "" : "\(count)")
      }.joined()
      table += "\n"
    }
    return table
  }
}

extension SourceFile {
  private static let keywords: Set<String> = ["struct", "class", "enum", "protocol", "actor", "typealias"]

  /// The types, functions and values that other files can name: declared at the left margin, and not private.
  var globals: Set<String> {
    var names: Set<String> = []
    for line in code where line.first?.isLetter == true || line.first == "@" {
      let words = line.identifiers.map(\.name)
      guard !words.contains("private"), !words.contains("fileprivate"), words.first != "extension" else {
        continue
      }
      for (index, word) in words.enumerated() where index + 1 < words.count {
        if Self.keywords.contains(word) || word == "func" || word == "let" || word == "var" {
          names.insert(words[index + 1])
          break
        }
      }
    }
    return names
  }

  /// The types that the file declares at any depth: a nested one hides that of another folder.
  var declared: Set<String> {
    var names: Set<String> = []
    for line in code {
      let words = line.identifiers.map(\.name)
      for (index, word) in words.enumerated() where index + 1 < words.count && Self.keywords.contains(word) {
        names.insert(words[index + 1])
      }
    }
    return names
  }

  /// The functions and initialisers, each with its first line and the number of its lines.
  var functions: [(line: Int, length: Int)] {
    var found: [(line: Int, length: Int)] = []
    var open: [(line: Int, depth: Int)] = []
    var depth = 0
    var pending: Int?
    for (index, line) in code.enumerated() {
      let names = line.identifiers.map(\.name)
      if names.contains("func") || line.drop(while: { $0 == " " }).hasPrefix("init(")
        || line.contains(" init(") && line.hasSuffix("{")
      {
        pending = index + 1
      }
      for character in line.utf8 {
        if character == UInt8(ascii: "{") {
          if let line = pending {
            open.append((line, depth))
            pending = nil
          }
          depth += 1
        } else if character == UInt8(ascii: "}") {
          // A requirement of a protocol has no body.
          pending = nil
          depth -= 1
          if let last = open.last, last.depth == depth {
            found.append((last.line, index + 2 - last.line))
            open.removeLast()
          }
        }
      }
    }
    return found
  }
}
