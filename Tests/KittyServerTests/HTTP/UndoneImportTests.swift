import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The undo of an import beside the later work of members.
@Suite struct UndoneImportTests {
  private static let any = [("If-Match", "*")]

  /// Entries that members made before and after an import stay as they are, byte for byte.
  @Test(arguments: Backend.available) func otherEntriesStayAsTheyAre(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: 11, steps: 20)
      let nets = try await books.nets()
      let report = try await books.importFile(ImportSamples.file())
      var made: [Int64] = []
      for (path, json) in [
        (
          "/expenses",
          #"{"description": "Lunch", "amount": 1001, "payer": "\#(books.bob)", "note": "a\nb", "participants": ["\#(books.anna)", "\#(books.bob)", "\#(books.carl)"]}"#
        ),
        ("/payments", #"{"from": "\#(books.bob)", "to": "\#(books.anna)", "amount": 77}"#),
      ] { made.append(try await books.enter(path, json).number) }
      #expect(
        try await books.send(
          "PATCH", "/expenses/\(made[0])", #"{"description": "Supper"}"#, headers: Self.any
        ).status == 200)
      #expect(
        try await books.send("POST", "/entries/\(made[0])/comments", #"{"text": "Good."}"#).status == 201)
      func others() async throws -> (texts: [String], histories: [History]) {
        var (texts, histories): ([String], [History]) = ([], [])
        for number in 1...(made.last ?? 0) {
          let entry = try await books.send("GET", "/entries/\(number)")
          guard entry.status == 200, !entry.text.contains("Tickets 1") else { continue }
          texts.append(entry.text)
          // The order of the fields of a value is not the same each time.
          histories.append(try await books.get(History.self, "/entries/\(number)/history"))
        }
        return (texts, histories)
      }
      let before = try await others()
      #expect(before.texts.count > 3 && before.texts.contains { $0.contains("Supper") })
      #expect(try await books.send("DELETE", "/imports/\(try #require(report.id))").status == 204)
      let after = try await others()
      #expect(after.texts == before.texts && after.histories == before.histories)
      let paid = try await books.nets()
      for name in ["Uma EUR", "Vic EUR"] { #expect(paid[name] == nil) }
      let (bob, had) = (paid["Bob EUR"] ?? 0, nets["Bob EUR"] ?? 0)
      // 10.01 for three, and 0.77 back.
      #expect([667, 668].contains(bob - had - 77), "\(bob) \(had)")
    }
  }

  /// Guests and categories go whatever their names are by now, and stay when they have more than a name.
  @Test(arguments: Backend.available) func renamedGuestsAndCategoriesGo(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let before = try await books.send("GET", "/export").text
      let first = try await books.importFile(ImportSamples.file())
      let uma = try #require(first.members[0].member)
      for path in ["/members/\(uma)", "/categories/\(try await category(books))"] {
        let renamed = try await books.send("PATCH", path, #"{"name": "Umay"}"#, headers: Self.any)
        #expect(renamed.status == 200, "\(renamed.text)")
      }
      #expect(try await books.send("DELETE", "/imports/\(try #require(first.id))").status == 204)
      #expect(try await books.send("GET", "/export").text == before)

      let second = try await books.importFile(ImportSamples.file())
      let (one, two) = (
        try #require(second.members[0].member), try #require(second.members[1].member)
      )
      let iban = try await books.send(
        "PATCH", "/members/\(one)", #"{"iban": "DE02120300000000202051"}"#, headers: Self.any)
      #expect(iban.status == 200, "\(iban.text)")
      // A deleted entry of a member names Vic for ever.
      let entry = try await books.enter(
        "/expenses",
        #"{"description": "Own", "amount": 300, "payer": "\#(two)", "participants": ["\#(two)", "\#(books.anna)"]}"#
      )
      #expect(try await books.send("DELETE", "/entries/\(entry.number)").status == 204)
      #expect(try await books.send("DELETE", "/imports/\(try #require(second.id))").status == 204)
      let names = try await books.get(Page<Member>.self, "/members").items.map(\.name)
      #expect(names.sorted() == ["Bob", "Carl", "Uma", "Vic", "anna"])
    }
  }

  /// A deleted refund is history of its expense: the refusal names it, and says of no entry what did not happen to it.
  @Test(arguments: Backend.available) func deletedRefundIsNamed(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let report = try await books.importFile(ImportSamples.file())
      let path = "/imports/\(try #require(report.id))"
      let expense = try #require(
        try await books.get(Page<Entry>.self, "/expenses").items.min { $0.number < $1.number })
      let refund = try await books.enter(
        "/expenses", #"{"description": "Back", "amount": -100, "refundOf": "\#(expense.id)"}"#)
      try expectProblem(try await books.send("DELETE", path), 409, "has_refunds")
      #expect(try await books.send("DELETE", "/entries/\(refund.number)").status == 204)
      let refused = try await books.send("DELETE", path)
      try expectProblem(refused, 409, "changed_since")
      let detail = try refused.problem().detail
      #expect(
        detail.hasPrefix(
          "1 entry of this import has a refund that was changed, deleted or commented since: #\(expense.number) (refund #\(refund.number)). Send"
        ), "\(detail)")
      let comment = try await books.send("POST", "/entries/\(expense.number)/comments", #"{"text": "x"}"#)
      #expect(comment.status == 201)
      let commented = try await books.send("DELETE", path).problem().detail
      #expect(
        commented.hasPrefix(
          "1 entry of this import was changed, deleted or commented since: #\(expense.number). Send"),
        "\(commented)")
      #expect(try await books.send("DELETE", "\(path)?force=true").status == 204)
    }
  }

  private func category(_ books: GroupFixture) async throws -> ID {
    try #require(try await books.get(Page<KittyShared.Category>.self, "/categories").items.first).id
  }

  /// A guest who left since is a guest of the import still, unless there is more of them than a name.
  @Test(arguments: Backend.available) func removedGuestsAndCategoriesGo(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let database = books.server.dependencies.database
      let own = try await books.enter(
        "/expenses", #"{"description": "Own", "amount": 300, "payer": "\#(books.bob)"}"#)
      let before = try await books.send("GET", "/export").text
      let file = ImportSamples.file() + "2026-02-02,Back,Payment,5.00,EUR,-5.00,5.00\n"
      let first = try await books.importFile(file)
      for guest in first.members {
        let removed = try await books.send("DELETE", "/members/\(try #require(guest.member))")
        #expect(removed.status == 204, "\(removed.text)")
      }
      // Without its entry, the category could be removed.
      try await database.transact(["update categories set removed_at = 1 where group_id = \(books.group.id)"])
      #expect(try await books.send("DELETE", "/imports/\(try #require(first.id))").status == 204)
      #expect(try await books.send("GET", "/export").text == before)
      #expect(try await books.get(Page<Member>.self, "/members?removed=true").items.count == 3)

      // One who had an account wrote a comment.
      let second = try await books.importFile(file)
      let uma = try #require(second.members[0].member)
      #expect(try await books.send("POST", "/entries/\(own.id)/comments", #"{"text": "x"}"#).status == 201)
      try await database.transact([
        "update comments set created_by = \(uma) where group_id = \(books.group.id)"
      ])
      #expect(try await books.send("DELETE", "/members/\(uma)").status == 204)
      #expect(try await books.send("DELETE", "/imports/\(try #require(second.id))").status == 204)
      let names = try await books.get(Page<Member>.self, "/members?removed=true").items.map(\.name)
      #expect(names.sorted() == ["Bob", "Carl", "Uma", "anna"])
    }
  }

  // MARK: Refused while it is done

  /// A file of 251 entries, which are removed in three transactions.
  private static let large =
    ImportSamples.file() + (0..<250).map { "2026-02-01,Line \($0),Leisure,10.00,EUR,5.00,-5.00\n" }.joined()

  /// Has the books closed as soon as an entry is removed.
  private func closeBooks(atFirstRemovalIn books: GroupFixture, _ body: () async throws -> Void) async throws
  {
    let database = books.server.dependencies.database
    let close = "update groups set closed_until = '2026-03-01' where id = old.group_id;"
    let (begin, end): ([SQL], [SQL]) =
      database.hasOneWriter
      ? (
        [SQL(stringLiteral: "create trigger closing after delete on entries begin \(close) end")],
        ["drop trigger closing"]
      )
      : (
        [
          SQL(
            stringLiteral:
              "create function closing() returns trigger language plpgsql as 'begin \(close.replacing("'", with: "''")) return null; end'"
          ),
          "create trigger closing after delete on entries for each row execute function closing()",
        ], ["drop trigger closing on entries", "drop function closing()"]
      )
    try await database.transact(begin)
    try await body()
    try await database.transact(end)
  }

  /// The entries that were not removed are an import still, and nothing removes it behind the back of its members.
  @Test(arguments: Backend.available) func closedBooksStopAnUndo(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let before = try await books.send("GET", "/export").text
      let id = try #require(try await books.importFile(Self.large).id)
      let path = "/imports/\(id)"
      try await closeBooks(atFirstRemovalIn: books) {
        let refused = try await books.send("DELETE", path)
        try expectProblem(refused, 409, "changed_meanwhile")
        #expect(refused.text.contains("100 are removed and 151 are still here"), "\(refused.text)")
      }
      let later = Instant.now.advanced(by: .seconds(600))
      try await books.server.dependencies.fileImports.undoUnfinished(at: later)
      #expect(try await books.get(Page<ImportRecord>.self, "/imports").items.map(\.entries) == [151])
      try expectProblem(try await books.send("DELETE", path), 409, "closed")
      #expect(try await books.nets()["Uma EUR"] == 151 * 500)
      let any = [("If-Match", "*")]
      #expect(try await books.send("PATCH", "", #"{"closedUntil": null}"#, headers: any).status == 200)
      // The same file brings back what was removed, and each import is undone by itself.
      let again = try await books.importFile(Self.large)
      #expect(again.duplicates == 151 && again.expenses == 100 && !again.differs)
      for id in [id, try #require(again.id)] {
        #expect(try await books.send("DELETE", "/imports/\(id)").status == 204)
      }
      #expect(try await books.send("GET", "/export").text == before)
    }
  }

  /// A worker goes on with the undo of a server that stopped: in closed books only for an import that was not written to its end.
  @Test(arguments: Backend.available, [(true, true), (true, false), (false, true), (false, false)])
  func workerGoesOnWithAnUndo(backend: Backend, _ undo: (isWished: Bool, areClosed: Bool)) async throws {
    let (isWished, areClosed) = undo
    try await GroupFixture.run(on: backend) { books in
      let (before, dependencies) = (try await books.send("GET", "/export").text, books.server.dependencies)
      let id = try #require(try await books.importFile(ImportSamples.file()).id)
      let any = [("If-Match", "*")]
      try await dependencies.database.transact([
        "update imports set state = 'undoing', wished = \(isWished ? 1 : 0) where id = \(id)"
      ])
      // Only what a member wished can be wished again.
      try expectProblem(
        try await books.send("DELETE", "/imports/\(id)"), isWished ? 409 : 404,
        isWished ? "import_under_way" : "not_found")
      func close(_ day: String) async throws {
        let closed = try await books.send("PATCH", "", #"{"closedUntil": \#(day)}"#, headers: any)
        #expect(closed.status == 200, "\(closed.text)")
      }
      if areClosed { try await close(#""2026-03-01""#) }
      try await dependencies.fileImports.undoUnfinished(at: Instant.now.advanced(by: .seconds(600)))
      if areClosed { try await close("null") }
      let imports = try await books.get(Page<ImportRecord>.self, "/imports").items
      if isWished && areClosed {
        #expect(imports.map(\.id) == [id] && imports.map(\.entries) == [1])
        #expect(try await books.send("GET", "/entries/1").status == 200)
        #expect(try await books.send("DELETE", "/imports/\(id)").status == 204)
      }
      #expect(try await books.send("GET", "/export").text == before)
    }
  }

  /// An entry that a member changes while others are removed stays, and the import with it.
  @Test(arguments: Backend.available) func changedEntryStopsAnUndo(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let id = try #require(try await books.importFile(Self.large).id)
      let store = ImportStore(database: books.server.dependencies.database)
      let group = books.group.id
      let hasBegun = try await store.beginUndo(id, in: group, .wished, at: .now, WriteContext())
      #expect(hasBegun)
      let changed = try await books.send(
        "PATCH", "/expenses/7", #"{"description": "Mine"}"#, headers: Self.any)
      #expect(changed.status == 200, "\(changed.text)")
      await #expect(throws: Rejection.groupChanged) { try await store.remove(id, in: group, .wished) }
      try await store.keepRest(of: id, in: group, WriteContext())
      #expect(try await books.get(Page<ImportRecord>.self, "/imports").items.map(\.entries) == [1])
      try expectProblem(try await books.send("DELETE", "/imports/\(id)"), 409, "changed_since")
      #expect(try await books.send("DELETE", "/imports/\(id)?force=true").status == 204)
      let nets = try await books.nets()
      #expect(nets.values.allSatisfy { $0 == 0 })
    }
  }

  /// A count that a member enters during an undo holds: the entries of the kitty before it stay.
  @Test(arguments: Backend.available, [false, true])
  func countStopsAnUndo(backend: Backend, byWorker: Bool) async throws {
    try await GroupFixture.run(on: backend) { books in
      for (from, to, amount) in [("\(books.bob)", "kitty", 50), ("kitty", "\(books.carl)", 20)] {
        _ = try await books.enter(
          "/payments", #"{"from": "\#(from)", "to": "\#(to)", "amount": "\#(amount)", "date": "2026-03-01"}"#)
      }
      let (group, members) = try await books.server.makeGroup(books.token, guests: ["Bob"], currency: "EUR")
      let there = GroupFixture(server: books.server, token: books.token, group: group, members: members)
      let id = try #require(try await there.importFile(try await books.send("GET", "/export").text).id)
      let dependencies = books.server.dependencies
      let store = ImportStore(database: dependencies.database)
      let hasBegun = try await store.beginUndo(id, in: group.id, .wished, at: .now, WriteContext())
      #expect(hasBegun)
      #expect(try await there.send("POST", "/kitty/counts", #"{"counted": "29"}"#).status == 201)
      let before = try await there.nets()
      if byWorker {
        try await dependencies.fileImports.undoUnfinished(at: Instant.now.advanced(by: .seconds(600)))
      } else {
        await #expect(throws: Rejection.groupChanged) { try await store.remove(id, in: group.id, .wished) }
        try await store.keepRest(of: id, in: group.id, WriteContext())
      }
      #expect(try await there.nets() == before)
      #expect(try await there.get(Page<ImportRecord>.self, "/imports").items.map(\.entries) == [2])
      try expectProblem(try await there.send("DELETE", "/imports/\(id)"), 409, "counted_since")
      #expect(try await there.send("DELETE", "/entries/3").status == 204)
      #expect(try await there.send("DELETE", "/imports/\(id)").status == 204)
      #expect(try await there.nets().values.allSatisfy { $0 == 0 })
    }
  }

  /// A count does not keep what changes no kitty.
  @Test(arguments: Backend.available) func countLetsOtherEntriesGo(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let id = try #require(try await books.importFile(ImportSamples.file()).id)
      let store = ImportStore(database: books.server.dependencies.database)
      let hasBegun = try await store.beginUndo(id, in: books.group.id, .wished, at: .now, WriteContext())
      #expect(hasBegun)
      #expect(try await books.send("POST", "/kitty/counts", #"{"counted": "5"}"#).status == 201)
      try await store.remove(id, in: books.group.id, .wished)
      #expect(try await books.get(Page<ImportRecord>.self, "/imports").items.isEmpty)
      #expect(try await books.get(Page<Entry>.self, "/entries").items.map(\.kind) == [.count])
    }
  }
}
