import Foundation
import KittyShared
import Logging
import Synchronization
import TestSupport
import Testing

@testable import KittyServer

/// Imports in pieces that end in the middle, and what others see of it.
struct PiecewiseImportFailureTests {
  private typealias Steps = PiecewiseImportTests

  @Test func undoThatFailsIsLoggedAndTriedAgain() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let (file, path, id) = try await Steps.prepare(books)
      let before = try await Steps.content(path, books)
      let log = LogRecorder()
      // The disk is full for the third transaction and the first of the undo, and has room again after it.
      let full = Steps.SteppingDatabase(books.server.dependencies.database) {
        if $0 == 3 || $0 == 4 { throw DatabaseFailure.unavailable("the disk is full", maybeApplied: false) }
      }
      await #expect(throws: DatabaseFailure.self) {
        try await Steps.run(file, into: id, books, on: full, logger: log.logger)
      }
      #expect(log.text.contains("not undone yet") && log.text.contains("the disk is full"))
      #expect(try await books.send("GET", path).status == 503)
      try await until { log.text.contains("a failed import was undone") }
      try await until { try await books.send("GET", path).status == 200 }
      #expect(try await Steps.content(path, books) == before)
    }
  }

  @Test func importOfACancelledRequestIsUndone() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let (file, path, id) = try await Steps.prepare(books)
      let before = try await Steps.content(path, books)
      let reached = Mutex(false)
      let database = Steps.SteppingDatabase(books.server.dependencies.database) { number in
        guard number == 4 else { return }
        reached.withLock { $0 = true }
        try await Task.sleep(for: .seconds(60))
      }
      let work = Task { try await Steps.run(file, into: id, books, on: database) }
      try await until { reached.withLock { $0 } }
      work.cancel()
      await #expect(throws: CancellationError.self) { try await work.value }
      #expect(try await Steps.content(path, books) == before)
    }
  }

  /// A group that is being imported is marked as deleted, too.
  @Test func purgeLeavesAnUnfinishedImportAlone() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let dependencies = books.server.dependencies
      let (file, path, id) = try await Steps.prepare(books)
      let dying = Steps.SteppingDatabase(dependencies.database) {
        if $0 >= 3 { throw DatabaseFailure.unavailable("down", maybeApplied: false) }
      }
      await #expect(throws: DatabaseFailure.self) { try await Steps.run(file, into: id, books, on: dying) }
      // The purge of deleted groups leaves it alone, however old it is.
      let purge = GroupPurge(database: dependencies.database)
      let later = Instant.now.advanced(by: .seconds(400 * 86_400))
      while try await purge.run(at: later, WriteContext()) {}
      #expect(try await books.send("GET", path).status == 503)
      #expect(try await books.send("GET", "/balances").status == 200)
      await dependencies.abandonImports()
      await dependencies.cache?.invalidate(CacheTag.tags(of: id))
      #expect(try await books.send("GET", path).status == 200)
    }
  }

  @Test func inviteOfAGroupThatIsBeingImportedWorksLater() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let (file, path, id) = try await Steps.prepare(books)
      let invite = try await books.send("GET", "\(path)/invites").decode(Page<Invite>.self).items[0]
      let zoe = try await books.server.signUp("zoe")
      let database = Steps.SteppingDatabase(books.server.dependencies.database) { number in
        guard number == 3 else { return }
        for route in ["lookup", "accept"] {
          let answer = try await books.server.send(
            "POST", "/v1/invites/\(route)", token: zoe, json: #"{"code": "\#(invite.code)"}"#)
          try expectProblem(answer, 503, "unavailable")
        }
      }
      try await Steps.run(file, into: id, books, on: database)
    }
  }

  @Test func accountThatIsDeletedDuringItsImportTakesTheGroupWithIt() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let file = try await Steps.prepare(books).file
      let server = books.server
      let zoe = try await server.signUp("zoe")
      let user = try await server.send("GET", "/v1/me", token: zoe).decode(User.self).id
      let made = try await server.send(
        "POST", "/v1/groups", token: zoe, json: #"{"name": "Trip", "currency": "EUR"}"#)
      let group = try made.decode(Group.self).id
      let database = Steps.SteppingDatabase(server.dependencies.database) { number in
        guard number == 3 else { return }
        let gone = try await server.send(
          "DELETE", "/v1/me", token: zoe, json: #"{"password": "a long password"}"#)
        #expect(gone.status == 204, "\(gone.text)")
      }
      try await Steps.run(file, into: group, books, on: database, owner: user)
      let row = try await server.dependencies.database.read(
        "select deleted_at is null, importing is null from groups where id = \(group)")[0]
      #expect(try row.decode(Int.self, Int.self) == (0, 1))
      try await GroupFixture.expectClean(server)
    }
  }

  @Test func userWhoJoinsBeforeTheImportKeepsItFromBeginning() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let (file, path, id) = try await Steps.prepare(books)
      let invite = try await books.send("GET", "\(path)/invites").decode(Page<Invite>.self).items[0]
      let zoe = try await books.server.signUp("zoe")
      let joined = try await books.server.send(
        "POST", "/v1/invites/accept", token: zoe, json: #"{"code": "\#(invite.code)"}"#)
      #expect(joined.status == 200, "\(joined.text)")
      await #expect(throws: Rejection.self) {
        try await Steps.run(file, into: id, books, on: books.server.dependencies.database)
      }
      #expect(try await books.server.send("GET", path, token: zoe).status == 200)
    }
  }
}
