import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Exports for hledger, beancount and spreadsheets: other programs must come to the same numbers.
@Suite struct ExportTests {
  static func program(_ name: String) -> String? {
    let own = ProcessInfo.processInfo.environment["KITTY_TEST_TOOLS"].map { [$0] } ?? []
    let folders =
      own + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  @Test(
    .enabled(if: program("hledger") != nil, "hledger is not installed: `make test` installs it"),
    arguments: Backend.available, [UInt64(1), 2])
  func hledgerComputesTheSameBalances(backend: Backend, seed: UInt64) async throws {
    try await GroupFixture.run(on: backend, guests: ["Bob", "Jo Ann: (x)", "井上 明子", "; drop"]) { books in
      try await books.fill(seed: seed)
      let text = try await books.send("GET", "/export?format=hledger").text
      let file = NSTemporaryDirectory() + "kitty-\(ID(at: .now)).journal"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let hledger = try #require(Self.program("hledger"))
      let checked = try await runProgram(hledger, ["-f", file, "check", "--strict", "ordereddates"])
      #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output)")
      let balance = try await runProgram(
        hledger, ["-f", file, "balance", "--flat", "--no-total", "-O", "csv", "--layout=bare"])
      #expect(balance.status == 0, "\(balance.output)")
      var found: Set<String> = []
      for line in balance.output.split(separator: "\n").dropFirst() {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false)
          .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
        let currency = try #require(Currency(code: cells[1]))
        let amount = try Amount(
          decimal: cells[2].hasSuffix(".") ? String(cells[2].dropLast()) : cells[2], currency: currency)
        if amount.minorUnits != 0 { found.insert("\(cells[0]) \(amount)") }
      }
      let names = [
        "Bob": "Members:Bob", "Jo Ann: (x)": "Members:Jo-Ann---x-", "井上 明子": "Members:井上-明子",
        "; drop": "Members:--drop", "anna": "Members:anna", "Kitty": "Kitty",
      ]
      let expected = try await books.server.balances(books.group.id, books.token).filter { $0.net != 0 }
        .map { "\(names[$0.name] ?? $0.name) \(Amount($0.net, $0.currency))" }
      #expect(found == Set(expected))
      // A balance sheet has every account with a balance, on one of its sides.
      let sheet = try await runProgram(hledger, ["-f", file, "bs", "--flat"])
      #expect(sheet.status == 0)
      for account in Set(found.map { String($0.prefix { $0 != " " }) }) {
        #expect(sheet.output.contains(account), "\(account) in \(sheet.output)")
      }
    }
  }

  @Test(
    .enabled(if: program("bean-check") != nil, "bean-check is not installed: `make test` installs it"),
    arguments: Backend.available)
  func beancountAcceptsTheExport(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["Bob", "jo ann", "Jo Ann:", "井上"]) { books in
      try await books.fill(seed: 3)
      let text = try await books.send("GET", "/export?format=beancount").text
      let file = NSTemporaryDirectory() + "kitty-\(ID(at: .now)).beancount"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let checked = try await runProgram(try #require(Self.program("bean-check")), [file])
      #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output.prefix(2000))")
    }
  }

  @Test(arguments: Backend.available) func spreadsheetFormulasAreEscaped(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["=HYPERLINK(1)", "Bob"]) { books in
      for text in ["=1+1", "+1", "-1", "@x", "＝1", "a \\\"b\\\", c"] {
        _ = try await books.enter(
          "/expenses", #"{"description": "\#(text)", "amount": 300, "payer": "kitty"}"#)
      }
      let answer = try await books.send("GET", "/export?format=csv")
      #expect(answer.header("Content-Type")?.hasPrefix("text/csv") == true)
      #expect(answer.text.unicodeScalars.first == "\u{feff}")
      let lines = answer.text.split(separator: "\r\n")
      #expect(lines.count == 1 + 6 * 4)
      for text in [
        "\"'=1+1\"", "\"'+1\"", "\"'-1\"", "\"'@x\"", "\"'＝1\"", "\"a \"\"b\"\", c\"", "\"'=HYPERLINK(1)\"",
      ] {
        #expect(answer.text.contains(text), "\(text)")
      }
    }
  }

  /// Excel reads a table as that of the language of its user.
  @Test func tableForExcelHasTheMarksOfTheLanguage() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      _ = try await books.enter(
        "/expenses",
        #"{"description": "a; b, c", "amount": 1234, "currency": "USD", "rate": "0.5", "payer": "kitty"}"#)
      func lines(_ query: String, _ languages: String? = nil) async throws -> [Substring] {
        let answer = try await books.send(
          "GET", "/export?format=csv\(query)", headers: languages.map { [("Accept-Language", $0)] } ?? [])
        #expect(answer.status == 200 && answer.text.unicodeScalars.first == "\u{feff}")
        return answer.text.split(separator: "\r\n")
      }
      let comma = try await lines("&for=excel&decimal=comma")
      #expect(
        comma[0].hasSuffix(
          "number;date;kind;description;amount;currency;rate;account;posting;posting amount;posting currency;note;category;tags"
        ))
      #expect(comma[1].contains(#";"a; b, c";12,34;USD;0,5;"#) && comma.count == 5)
      let point = try await lines("&for=excel&decimal=point")
      #expect(point[1].contains(#","a; b, c",12.34,USD,0.5,"#))
      #expect(try await lines("") == point)
      #expect(try await lines("&for=excel", "de-AT,de;q=0.9,en;q=0.8") == comma)
      // The highest weight counts, and the first language of those.
      for languages in ["de-AT;q=0.1, en-US;q=0.9", "de;q=0, en", "*, en", "en, de", ""] {
        #expect(try await lines("&for=excel", languages) == point, "\(languages)")
      }
      #expect(try await lines("&for=excel", "en-US;q=0.1,*;q=1, DE-at ; Q=0.5") == comma)
      // In Switzerland, lists have a semicolon beside a decimal point.
      for languages in ["de-CH, fr", "it-CH", "fr-CH", "de-LI", "en-CH"] {
        let swiss = try await lines("&for=excel", languages)
        #expect(swiss[0].contains("number;date;"), "\(languages)")
        #expect(swiss[1].contains(#";"a; b, c";12.34;USD;0.5;"#), "\(languages)")
      }
      #expect(try await lines("&for=excel") == point)
      // Without the wish, a table is the same for every language.
      #expect(try await lines("", "de") == point)
      for (query, field, code) in [
        ("?format=json&for=excel", "for", "not_for_this_format"),
        ("?for=excel", "for", "not_for_this_format"),
        ("?format=csv&for=word", "for", "unknown_value"),
        ("?format=csv&for=excel&decimal=;", "decimal", "unknown_decimal"),
        ("?format=csv&decimal=comma", "decimal", "not_for_this_format"),
      ] {
        try expectFirstError(try await books.send("GET", "/export\(query)"), 422, code, field: field)
      }
    }
  }
}
