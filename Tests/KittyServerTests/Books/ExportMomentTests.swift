import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// An export shows one moment, whatever is written while a slow client reads it.
@Suite struct ExportMomentTests {
  private static let any = [("If-Match", "*")]

  /// Writes of every kind, in entries that the export has passed and in those that it has not reached.
  private static func write(_ round: Int, _ books: GroupFixture, _ entries: [Entry]) async throws {
    let late = try await books.send("POST", "/members", #"{"name": "Late \#(round)"}"#).decode(Member.self)
    let loud =
      #"{"description": "late", "amount": "50", "currency": "USD", "date": "1999-01-01", "payer": "\#(late.id)"}"#
    _ = try await books.enter("/expenses", loud)
    let (first, last) = (entries[round], entries[entries.count - 1 - round])
    for entry in [first, last] {
      let change = #"{"description": "changed", "date": "1999-01-02", "payer": "\#(late.id)"}"#
      let changed = try await books.send("PATCH", "/expenses/\(entry.id)", change, headers: any)
      #expect(changed.status == 200, "\(changed.text)")
      let comment = #"{"text": "late"}"#
      #expect(try await books.send("POST", "/entries/\(entry.id)/comments", comment).status == 201)
    }
    #expect(
      try await books.send("DELETE", "/entries/\(entries[entries.count - 10 - round].id)").status == 204)
    let name = #"{"name": "Bob \#(round)"}"#
    #expect(try await books.send("PATCH", "/members/\(books.bob)", name, headers: any).status == 200)
  }

  /// A workbook is written from the same pages as the table in CSV.
  @Test(arguments: Backend.available, GroupExport.Format.allCases.filter { $0 != .xlsx })
  func exportShowsTheMomentAtWhichItBegan(backend: Backend, format: GroupExport.Format) async throws {
    try await GroupFixture.run(on: backend) { books in
      var entries: [Entry] = []
      for number in 1...30 {
        entries.append(
          try await books.enter(
            "/expenses",
            #"{"description": "x \#(number)", "amount": 300, "date": "2026-03-01", "payer": "\#(books.anna)"}"#
          ))
      }
      #expect(try await books.send("DELETE", "/entries/10").status == 204)
      #expect(try await books.send("POST", "/entries/1/comments", #"{"text": "early"}"#).status == 201)
      let before = try await books.send("GET", "/export?format=\(format.rawValue)").text
      let exports = GroupExport(
        store: GroupExportStore(database: books.server.dependencies.database, pageSize: 7))
      let export = try await exports.begin(format, of: books.group.id)
      var (text, round) = ("", 0)
      try await exports.write(export) { piece in
        text += piece
        try await Self.write(round, books, entries)
        round += 1
      }
      #expect(round > 5 && text == before)
      guard format == .json else { return }
      // It can be imported, and so can the group as it is now.
      for file in [text, try await books.send("GET", "/export").text] {
        let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
          .decode(Group.self)
        let imported = try await books.send("POST", "/v1/groups/\(copy.id)/import", file)
        #expect(imported.status == 200, "\(imported.text.prefix(2000))")
        #expect(try await books.send("GET", "/v1/groups/\(copy.id)/export").text == file)
      }
    }
  }
}

/// An undo removes entries that an export was about to show.
@Suite struct InterruptedExportTests {
  /// Returns a file of Splitwise with expenses of Uma and Vic.
  private static func file(_ lines: Int) -> String {
    ImportSamples.file()
      + (1..<lines).map { "2026-02-01,Line \($0),Leisure,10.00,EUR,5.00,-5.00\n" }.joined()
  }

  /// A workbook is written from the same pages as the table in CSV.
  @Test(arguments: Backend.available, GroupExport.Format.allCases.filter { $0 != .xlsx })
  func exportIsNotCutInSilence(backend: Backend, format: GroupExport.Format) async throws {
    try await GroupFixture.run(on: backend) { books in
      let exports = GroupExport(
        store: GroupExportStore(database: books.server.dependencies.database, pageSize: 7))
      // The entries are removed after the head, or after the second of three pages.
      for count in [1, 3] {
        let id = try #require(try await books.importFile(Self.file(20)).id)
        let export = try await exports.begin(format, of: books.group.id)
        var pieces = 0
        let rejection = await #expect(throws: Rejection.self) {
          try await exports.write(export) { _ in
            pieces += 1
            guard pieces == count else { return }
            let undone = try await books.send("DELETE", "/imports/\(id)")
            #expect(undone.status == 204)
          }
        }
        #expect(rejection?.reason == .unavailable && pieces == count)
        var whole = ""
        try await exports.write(try await exports.begin(format, of: books.group.id)) { whole += $0 }
        let sent = try await books.send("GET", "/export?format=\(format.rawValue)").text
        #expect(whole == sent)
      }
    }
  }
}

extension GroupExport {
  /// Writes the whole text of an export.
  /// - Parameter output: Called with each piece.
  func write(_ export: Begun, to output: (String) async throws -> Void) async throws {
    guard case .text(let books) = export.form else {
      Issue.record("a workbook has no text")
      return
    }
    var place = Place()
    while !place.isEnd {
      let (text, next) = try await next(of: export, as: books, place)
      try await output(text)
      place = next
    }
  }
}
