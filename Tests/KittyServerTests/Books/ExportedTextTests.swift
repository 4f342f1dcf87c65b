import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Texts and names of all scripts, with quotes, marks, formulas and invisible letters, as other programs read them out
/// of an export.
@Suite(
  .enabled(
    if: ExportTests.program("hledger") != nil && ExportTests.program("bean-check") != nil,
    "hledger and beancount are not installed: `make test` installs them"))
struct ExportedTextTests {
  private static let texts = [
    "کتاب \"خوب\"\u{200c}ها", "\"\u{301},=1+1", "=\u{301}HYPERLINK", "=\u{200c}SUM(A1)", "@\u{20dd}",
    "a\";\u{301} b", "x\\\u{301}\"", "plain \"quoted\" text", "=1+1", "+49 171", "-5 %", "＝1+1",
    "Bus; line 4 | night", "two spaces  12.00 EUR", "(4) something", "* cleared? ! pending",
    "\u{301}=1+1", "\u{200b}+1", "\u{ad}\u{2060}@x", "﹢1", "date:2020-01-01",
    "a, date:2020-01-01 [2020-01-02]",
    "ends in \\", "\u{600}\"", "\u{600}=1", "ค่าน้ำ", "क्षितिज", "வாடகை", "বাড়ি ভাড়া", "ថ្លៃទឹក", "إيجار الشقة",
    "שכירות 2026", "한국", "漢字", "Чай", "Ünï \u{1F469}\u{200d}\u{1F467} week",
  ]
  private static let names = [
    "Kitty", "A:B", "A:\u{301}B", "[x]", "(x)", "a;b", "a  b", "Анна", "Олег", "Иван", "李", "王", "Müller",
    "Möller", "=HYPERLINK(1)", "علی\u{200c}رضا", "किराया", "\"q\"\u{301}", "back\\slash", "1st", "--", "👍🏽",
    "x, date:2020-01-01", "Zo\u{200b}ra",
  ]
  private static let note = "first \"line\"\u{301}\ndate:2020-01-01\n; x\n\na, date:2020-01-02, b\nC:\\new ="

  /// Enters every text as an expense of one member each, with a note, and calls `body` with the exported file's path.
  private static func export(
    _ format: String, on backend: Backend, _ body: (String) async throws -> Void
  ) async throws {
    try await GroupFixture.run(on: backend, guests: []) { books in
      var members = [books.anna]
      for name in names {
        let json = String(decoding: try JSON.encode(NewMember(name: name)), as: UTF8.self)
        let added = try await books.send("POST", "/members", json)
        try #require(added.status == 201, "\(added.text)")
        members.append(try added.decode(Member.self).id)
      }
      let day = try #require(Day("2026-03-01"))
      for (index, text) in texts.enumerated() {
        let expense = NewExpense(
          description: text, amount: .minorUnits(100), date: day, note: note,
          payer: .member(members[index % members.count]))
        _ = try await books.enter("/expenses", String(decoding: try JSON.encode(expense), as: UTF8.self))
      }
      let file = NSTemporaryDirectory() + "kitty-\(ID(at: .now)).\(format)"
      defer { try? FileManager.default.removeItem(atPath: file) }
      let text = try await books.send("GET", "/export?format=\(format)").text
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      try await body(file)
    }
  }

  /// Compares by scalars: `==` of texts ignores the form of Unicode.
  private static func same(_ left: [String], _ right: [String]) -> Bool {
    left.map { Array($0.unicodeScalars) } == right.map { Array($0.unicodeScalars) }
  }

  private static func json<Value: Decodable>(
    _ type: Value.Type, from program: String, _ arguments: [String]
  ) async throws -> Value {
    let run = try await runProgram(program, arguments)
    try #require(run.status == 0, "\(run.output.prefix(2000))")
    return try JSONDecoder().decode(type, from: Data(run.output.utf8))
  }

  @Test(arguments: Backend.available) func spreadsheetReadsEveryText(backend: Backend) async throws {
    try await Self.export("csv", on: backend) { file in
      let rows = try await Self.json(
        [[String]].self, from: "/usr/bin/env",
        [
          "python3", "-c",
          """
          import csv, json, sys
          print(json.dumps(list(csv.reader(open(sys.argv[1], encoding="utf-8-sig", newline=""), strict=True))))
          """, file,
        ])
      #expect(rows[0].first == "number" && rows.allSatisfy { $0.count == 14 })
      // Each expense of 25 people has 26 postings.
      #expect(rows.count == 1 + Self.texts.count * (Self.names.count + 2))
      let signs = Set("=+-@＝＋－＠﹢".unicodeScalars)
      for row in rows.dropFirst() {
        let text = Self.texts[Int(row[0])! - 1]
        #expect(Self.same([row[3]], [text]) || Self.same([row[3]], ["'" + text]), "\(row)")
        #expect(Self.same([row[11]], [Self.note]))
        for cell in [row[3], row[7]] {
          let begin = cell.unicodeScalars.first {
            let category = $0.properties.generalCategory
            return ![.nonspacingMark, .enclosingMark, .format, .spaceSeparator].contains(category)
          }
          #expect(begin.map { !signs.contains($0) } ?? true, "a formula: \(cell)")
        }
      }
      let expected = Self.names.map { name in
        name == "Kitty" ? "Kitty-2" : name.hasPrefix("=") || name.hasPrefix("-") ? "'" + name : name
      }
      #expect(Set(rows.dropFirst().map { $0[7] }) == Set(expected + ["anna"]))
    }
  }

  private struct Transaction: Decodable {
    let tcode, tdate, tdescription, tcomment: String
    let ttags: [[String]]
  }

  @Test(arguments: Backend.available) func hledgerReadsEveryText(backend: Backend) async throws {
    try await Self.export("hledger", on: backend) { file in
      let hledger = try #require(ExportTests.program("hledger"))
      let checked = try await runProgram(hledger, ["-f", file, "check", "--strict"])
      #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output)")
      let entries = try await Self.json(
        [Transaction].self, from: hledger, ["-f", file, "print", "-O", "json"])
      #expect(entries.count == Self.texts.count)
      for entry in entries {
        let text = Self.texts[Int(entry.tcode)! - 1]
        #expect(entry.tdate == "2026-03-01", "\(entry)")
        func comments(_ name: String) -> [String] {
          entry.tcomment.unicodeScalars.split(separator: "\n").map { String($0) }
            .filter { $0.hasPrefix(name + ":") }
            .map { String($0.dropFirst(name.count + 1)).trimmed.replacing("‚", with: ",") }
        }
        let full = comments("description")
        #expect(Self.same(full.isEmpty ? [entry.tdescription] : full, [text]), "\(entry)")
        #expect(Self.same([comments("note").joined(separator: "\n")], [Self.note]), "\(entry)")
        // No other text became a tag.
        #expect(entry.ttags.allSatisfy { $0[0] == "note" || $0[0] == "description" }, "\(entry.ttags)")
      }
      // One account for each member, and none below it.
      let accounts = try await runProgram(hledger, ["-f", file, "accounts"]).output.split(separator: "\n")
      #expect(accounts.count == Self.names.count + 2)
      #expect(
        accounts.allSatisfy { $0 == "Kitty" || $0.count(where: { $0 == ":" }) == 1 }, "\(accounts)")
      let head = try String(contentsOfFile: file, encoding: .utf8).unicodeScalars.split(separator: "\n")
        .map { String($0) }.filter { $0.hasPrefix("account Members:") }
      let told = head.map { line in
        (line.components(separatedBy: "  ; type: A, name: ").last ?? line)
          .replacing("account Members:", with: "").replacing("  ; type: A", with: "").replacing(
            "‚", with: ",")
      }
      #expect(Self.same(told.sorted(), (Self.names + ["anna"]).sorted()), "\(head)")
    }
  }

  private struct Beancount: Decodable {
    let errors, descriptions, notes: [String]
    let opened: [[String?]]
  }

  @Test(arguments: Backend.available) func beancountReadsEveryText(backend: Backend) async throws {
    try await Self.export("beancount", on: backend) { file in
      let checked = try await runProgram(try #require(ExportTests.program("bean-check")), [file])
      #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output.prefix(2000))")
      let python = URL(filePath: try #require(ExportTests.program("bean-check")))
        .deletingLastPathComponent().appending(path: "python").path
      let found = try await Self.json(
        Beancount.self, from: python,
        [
          "-c",
          """
          import json, sys
          from beancount import loader
          from beancount.core.data import Open, Transaction
          entries, errors, _ = loader.load_file(sys.argv[1])
          made = sorted((e for e in entries if isinstance(e, Transaction)), key=lambda e: int(e.meta["number"]))
          print(json.dumps({
              "errors": [str(e) for e in errors], "descriptions": [e.narration for e in made],
              "notes": [e.meta["note"] for e in made],
              "opened": [[e.account, e.meta.get("name")] for e in entries if isinstance(e, Open)]}))
          """, file,
        ])
      #expect(found.errors.isEmpty)
      #expect(Self.same(found.descriptions, Self.texts))
      #expect(Self.same(found.notes, Self.texts.map { _ in Self.note }))
      let members = found.opened.filter { $0[0] != "Assets:Kitty" }
      #expect(Set(members.map { $0[0] ?? "" }).count == Self.names.count + 1)
      #expect(
        Self.same(members.compactMap { $0[1] }.sorted(), (Self.names + ["anna"]).sorted()), "\(members)")
      let accounts = Dictionary(members.map { ($0[1] ?? "", $0[0] ?? "") }, uniquingKeysWith: { $1 })
      #expect(accounts["Анна"] == "Assets:Members:M-Анна" && accounts["李"] == "Assets:Members:M-李")
      #expect(accounts["Müller"] == "Assets:Members:Müller" && accounts["1st"] == "Assets:Members:1st")
    }
  }
}
