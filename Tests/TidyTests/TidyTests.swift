import Foundation
import Testing

/// Holds the tree to the rules of `House`.
@Suite struct TidyTests {
  private static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let sources = read("Sources")
  private static let tests = read("Tests").filter { !$0.path.hasPrefix("Tests/TidyTests/") }

  /// The Swift files below a folder, in the order of their paths.
  private static func read(_ folder: String) -> [SourceFile] {
    paths(below: folder, endingIn: [".swift"]).map { SourceFile(path: $0, text: text(of: $0)) }
  }

  private static func paths(below folder: String, endingIn endings: [String]) -> [String] {
    let all = FileManager.default.enumerator(atPath: top.appending(path: folder).path)
    return (all?.compactMap { $0 as? String } ?? []).filter { path in
      endings.contains { path.hasSuffix($0) }
    }.map { "\(folder)/\($0)" }.sorted()
  }

  private static func text(of path: String) -> String {
    (try? String(contentsOf: top.appending(path: path), encoding: .utf8)) ?? ""
  }

  @Test func treeIsRead() {
    #expect(Self.sources.count > 200 && Self.tests.count > 50)
  }

  @Test(arguments: House.layers.map(\.root)) func arrowsPointDown(root: String) throws {
    let layers = try #require(House.layers.first { $0.root == root }?.folders)
    let files = Self.sources.filter { $0.path.hasPrefix(root + "/") }
    func layer(_ file: SourceFile) -> String {
      let folder = file.folder(below: root)
      return House.partOf["\(root)/\(folder)"] ?? folder
    }
    for file in files { #expect(layers.contains(layer(file)), "\(file.path): its folder is in no layer") }
    let matrix = UseMatrix(files: files, layers: layers, layer: layer)
    print("\(root): types that a layer (row) uses of another (column)\n\(matrix.text)")
    for (index, from) in layers.enumerated() {
      for to in layers[..<index] {
        for use in matrix.uses(from, to) { Issue.record("\(use): \(from) is below \(to)") }
      }
    }
  }

  @Test func modulesAreImportedInTheirFoldersAlone() {
    for file in Self.sources {
      let target = file.path.split(separator: "/")[1]
      for line in file.code where line.hasPrefix("import ") {
        let module = line.dropFirst(7).trimmingCharacters(in: .whitespaces)
        if let rule = House.imports.first(where: { $0.module == module }),
          !rule.folders.contains(where: { file.path.hasPrefix($0 + "/") }),
          !House.wrappers.contains(String(target))
        {
          Issue.record("\(file.path) imports \(module): only \(rule.folders.joined(separator: ", ")) may")
        }
        if module == "Curl", target == "KittyTUI", !file.path.hasPrefix(House.curlOfTheClient + "/") {
          Issue.record("\(file.path) imports Curl: only \(House.curlOfTheClient) may")
        }
        if module == "KittyShared", House.wrappers.contains(String(target)) {
          Issue.record("\(file.path): a wrapper knows nothing of KittyCash")
        }
      }
    }
  }

  @Test func unsafeCodeIsInWrappersAlone() {
    for file in Self.sources where !House.wrappers.contains(String(file.path.split(separator: "/")[1])) {
      for (index, line) in file.code.enumerated() {
        let names = line.identifiers.map(\.name)
        if names.contains("unsafe") || line.contains("@unchecked") {
          Issue.record("\(file.path):\(index + 1): unsafe code outside of the wrappers")
        }
      }
    }
  }

  @Test func sqlIsInStoresAlone() {
    let verbs = ["select ", "insert into ", "update ", "delete from ", "with ", "create table "]
    for file in Self.sources {
      if House.foldersOfSQL.contains(where: { file.path.hasPrefix($0 + "/") }) { continue }
      if file.name.prefix(while: { $0 != "+" }).hasSuffix("Store"),
        House.foldersOfStores.contains(where: { file.path.hasPrefix($0 + "/") })
      {
        continue
      }
      for (line, text) in file.strings {
        let start = text.drop { $0 == " " || $0 == "\n" }.lowercased()
        let isSQL = verbs.contains { verb in
          start.hasPrefix(verb) && ["set ", " from", " into", "select"].contains { start.contains($0) }
            && start.contains(" ") && !start.hasPrefix("with the") && text.first?.isUppercase != true
        }
        if isSQL { Issue.record("\(file.path):\(line): SQL outside of the stores: \(start.prefix(40))") }
      }
    }
  }

  @Test func fileIsNamedAfterATypeInIt() {
    for file in Self.sources where !file.path.contains("/Sources/C") {
      let name = file.name.split(separator: "+").first.map(String.init) ?? ""
      // Migrations are in their order: `0001_InitialSchema`.
      let parts = name.split(separator: "_", maxSplits: 1)
      let isNumbered = parts.count == 2 && parts[0].allSatisfy(\.isNumber)
      let type = isNumbered ? String(parts[1]) : name
      let wanted = isNumbered ? type.prefix(1).lowercased() + type.dropFirst() : type
      let isThere = file.code.contains { line in
        line.identifiers.contains { $0.name.lowercased() == wanted.lowercased() }
          && [
            "struct ", "class ", "enum ", "protocol ", "actor ", "extension ", "typealias ", "let ", "func ",
          ].contains {
            line.contains($0)
          }
      }
      if !isThere { Issue.record("\(file.path) has no \(wanted) in it") }
    }
  }

  @Test func functionsAreShort() {
    for file in Self.sources {
      for function in file.functions where function.length > House.longestFunction {
        Issue.record("\(file.path):\(function.line): \(function.length) lines")
      }
    }
  }

  @Test func filesAreShort() {
    for file in Self.sources + Self.tests where file.lines.count > House.longestFile {
      Issue.record("\(file.path): \(file.lines.count) lines")
    }
  }

  @Test func docCommentsAreNoQuestions() {
    for file in Self.sources + Self.tests {
      for (index, comment) in file.comments.enumerated() where comment.hasPrefix("///") {
        if index > 0, file.comments[index - 1].hasPrefix("///") { continue }
        let first = comment.dropFirst(3).drop { $0 == " " }.prefix { $0.isLetter }
        if House.questionWords.contains(String(first)) {
          Issue.record("\(file.path):\(index + 1): \(comment.prefix(70))")
        }
      }
    }
  }

  @Test func testNamesHaveASubject() {
    let questions = ["what", "who", "whose", "whom", "whether", "how", "nobody", "nothing", "everybody"]
    for file in Self.tests {
      for (index, line) in file.code.enumerated() where line.contains("func ") {
        let isTest = line.contains("@Test") || (index > 0 && file.code[index - 1].contains("@Test"))
        guard isTest, let name = line.components(separatedBy: "func ").last else { continue }
        let first = name.prefix { $0.isLowercase }
        if questions.contains(String(first)) {
          Issue.record("\(file.path):\(index + 1): \(name.prefix(60))")
        }
      }
    }
  }

  @Test func wordsAreTheFields() {
    let prose =
      ["README.md", "CONTRIBUTING.md", ".env.example", "docker-compose.yml", "Makefile"]
      + Self.paths(below: "docs", endingIn: [".md", ".yaml"]) + Self.paths(below: "scripts", endingIn: [""])
      + Self.paths(below: "Tests", endingIn: [".py"])
    let texts =
      (Self.sources + Self.tests).map { ($0.path, $0.lines) }
      + prose.map { ($0, Self.text(of: $0).components(separatedBy: "\n")) }
    for (path, lines) in texts {
      let exceptions = House.rightHere.filter { path.hasPrefix($0.path) }.map(\.phrase)
      for (index, line) in lines.enumerated() {
        var lower = line.lowercased()
        for word in House.stableWords { lower = lower.replacing(word, with: "") }
        for (phrase, instead) in House.banned where lower.containsWords(phrase.lowercased()) {
          if !exceptions.contains(phrase) {
            Issue.record("\(path):\(index + 1): \"\(phrase)\": say \(instead)")
          }
        }
      }
    }
  }
}

extension String {
  /// Returns `true` if the text contains the phrase as whole words.
  fileprivate func containsWords(_ phrase: String) -> Bool {
    guard contains(phrase) else { return false }
    var rest = self[...]
    while let found = rest.range(of: phrase) {
      let before = found.lowerBound == startIndex ? " " : self[index(before: found.lowerBound)]
      let after = found.upperBound == endIndex ? " " : self[found.upperBound]
      if !before.isLetter, !after.isLetter, before != "_", after != "_" { return true }
      rest = self[found.upperBound...]
    }
    return false
  }
}
