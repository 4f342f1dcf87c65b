import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Broken files are refused by the routes as by their readers, and leave nothing.
@Suite struct BrokenImportTests {
  @Test(arguments: ImportFormat.allCases) func brokenFileIsRefusedWhole(format: ImportFormat) async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "Own", "amount": 300, "payer": "\#(books.anna)"}"#)
      let before = try await books.send("GET", "/export").text
      let sequence = try await books.get(Group.self, "").sequence
      for file in ImportSamples.broken where file.format == format {
        let reason = try file.text("reason").trimmingCharacters(in: .whitespacesAndNewlines)
        for query in [try file.query, "?dryRun=true" + (try file.query).replacing("?", with: "&")] {
          let answer = try await books.sendFile(try file.bytes, query: query)
          let error = try answer.problem().errors?.first
          #expect(answer.status == 422 && "\(error?.field ?? "") \(error?.code ?? "")" == reason, "\(file)")
        }
      }
      #expect(try await books.send("GET", "/export").text == before)
      #expect(try await books.get(Group.self, "").sequence == sequence)
      #expect(try await books.get(Page<ImportRecord>.self, "/imports").items.isEmpty)
    }
  }

  /// A broken export is no group either.
  @Test(arguments: Backend.available) func brokenExportMakesNoGroup(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: []) { books in
      let before = try await books.send("GET", "/export").text
      for file in ImportSamples.broken where file.format == .kittycash {
        let answer = try await books.send("POST", "/import", String(decoding: file.bytes, as: UTF8.self))
        #expect([400, 422].contains(answer.status), "\(file): \(answer.text)")
        let name = file.path.lastPathComponent
        guard ["written-to-while-sent.json", "last-number-behind.json"].contains(name) else { continue }
        let places = try answer.problem().errors?.map { "\($0.field) \($0.code)" } ?? []
        #expect(places.contains("entries.1.number out_of_order"), "\(places)")
        // An entry by a member who joined while the file was written.
        #expect(
          places.contains("entries.1.revisions.0.by not_a_member") == name.hasPrefix("written"), "\(places)")
      }
      #expect(try await books.send("GET", "/export").text == before)
    }
  }

  /// One name in two forms of Unicode is two members with names that can be told apart.
  @Test(arguments: Backend.available) func twoFormsOfANameAreTwoNames(backend: Backend) async throws {
    let file = try #require(
      ImportSamples.whole.first { $0.path.lastPathComponent == "two-forms-of-a-name.json" })
    let text = String(decoding: try file.bytes, as: UTF8.self)
    try await GroupFixture.run(on: backend, guests: []) { books in
      let made = try await books.send("POST", "/import", text)
      #expect(made.status == 200, "\(made.text)")
      let names = try await books.get(Page<Member>.self, "/members").items.map(\.name)
      #expect(names.count == 3 && Set(names.map(\.nameKey)).count == 3, "\(names)")
    }
    try await GroupFixture.run(on: backend, guests: []) { books in
      let report = try await books.importFile(text)
      #expect(!report.differs && Set(report.members.map(\.here.nameKey)).count == 3, "\(report.members)")
      let names = try await books.get(Page<Member>.self, "/members").items.map(\.name)
      // The Anna of the file is the owner.
      #expect(Set(names.map(\.nameKey)).count == 3 && names.count == 3, "\(names)")
    }
  }

  /// Texts that programs of books and spreadsheets could take for something else come back as they were entered.
  @Test func unusualDescriptionsComeBack() async throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Imports/descriptions.json")
    let texts = try JSON.decode([String].self, from: try Data(contentsOf: path))
    try await GroupFixture.run(on: .sqlite) { books in
      for text in texts {
        let expense = NewExpense(
          description: text, amount: .minorUnits(100), date: Day("2026-01-04"), payer: .member(books.anna))
        _ = try await books.enter("/expenses", String(decoding: try JSON.encode(expense), as: UTF8.self))
      }
      func descriptions(_ books: GroupFixture) async throws -> [[UInt8]] {
        try await books.get(Page<Entry>.self, "/entries?limit=100").items.sorted { $0.number < $1.number }.map
        {
          Array($0.description.utf8)
        }
      }
      let wanted = try await descriptions(books)
      #expect(wanted.count == texts.count)
      for format in ["json", "hledger", "beancount"] {
        let (group, members) = try await books.server.makeGroup(books.token)
        let there = GroupFixture(server: books.server, token: books.token, group: group, members: members)
        let report = try await there.importFile(try await books.send("GET", "/export?format=\(format)").text)
        #expect(!report.differs && report.expenses == texts.count)
        #expect(try await descriptions(there) == wanted, "\(format)")
      }
    }
  }
}
