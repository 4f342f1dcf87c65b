import KittyShared
import Testing

@testable import KittyServer

/// Scheduled jobs.
@Suite struct ScheduleTests {
  private static let kinds = Job.Kind.allCases.filter { $0.interval != nil }.map(\.rawValue).sorted()

  private func kinds(_ queue: JobFixture) async throws -> [String] {
    try await queue.database.read("select kind from jobs order by kind").map { try $0.decode(String.self) }
  }

  @Test(arguments: Backend.available) func scheduledJobIsEnqueuedOnce(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      let now = Instant.now
      func everybodyLooks(at instant: Instant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<5 { group.addTask { try await queue.schedules.enqueueDue(at: instant) } }
          try await group.waitForAll()
        }
      }
      func doAll(at instant: Instant) async throws {
        let worker = queue.worker { _, _ in .done() }
        while try await worker.runNext(at: instant) {}
      }
      try await everybodyLooks(at: now)
      #expect(try await kinds(queue) == Self.kinds)
      try await doAll(at: now)
      try await everybodyLooks(at: now.advanced(by: .seconds(3599)))
      #expect(try await kinds(queue) == ["imports.undo", "recurring.book"])
      let hour = now.advanced(by: .seconds(3600))
      try await everybodyLooks(at: hour)
      #expect(try await kinds(queue) == Self.kinds.filter { $0 != "books.check" })
      // A job that is still waiting is not enqueued again.
      let day = now.advanced(by: .seconds(86_400))
      try await everybodyLooks(at: day)
      #expect(try await kinds(queue) == Self.kinds)
      try await doAll(at: day)
      try await everybodyLooks(at: day)
      #expect(try await kinds(queue) == Self.kinds.filter { $0 != "books.check" })
    }
  }

  @Test(arguments: Backend.available) func scheduledJobReplacesDeadOne(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      let now = Instant.now
      let other = try await queue.enqueue("photo.remove")
      try await queue.schedules.enqueueDue(at: now)
      try await queue.database.transact(["update jobs set dead_at = \(now)"])
      try await queue.schedules.enqueueDue(at: now)
      #expect(try await queue.count("jobs where dead_at is null") == 0)
      try await queue.schedules.enqueueDue(at: now.advanced(by: .seconds(86_400)))
      #expect(try await queue.count("jobs where dead_at is null") == Self.kinds.count)
      let dead = try await queue.database.read("select id from jobs where dead_at is not null")
      #expect(try dead.map { try $0.decode(ID.self) as ID } == [other])
    }
  }

  @Test(arguments: Backend.available) func resultOfBooksCheckIsStored(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let schedules = ScheduleStore(database: server.dependencies.database)
      func check(at now: Instant) async throws -> (doneAt: Instant, result: Int?)? {
        try await schedules.enqueueDue(at: now)
        while try await server.dependencies.worker().runNext(at: now) {}
        return try await schedules.last(.checkBooks)
      }
      _ = try await server.signUp()
      #expect(try await schedules.last(.checkBooks) == nil)
      let now = Instant.now
      let clean = try #require(try await check(at: now))
      #expect(clean.result == 0 && clean.doneAt >= now)
      try await server.dependencies.database.transact(["update users set photo_hash = 'ab'"])
      let day = now.advanced(by: .seconds(86_400))
      let wrong = try #require(try await check(at: day))
      #expect(wrong.result == 1 && wrong.doneAt == day)
      #expect(try await schedules.last(.cleanKeys)?.result == nil)
    }
  }

  @Test(arguments: Backend.available) func scheduledJobsRemoveExpiredRows(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let (gone, _) = try await server.makeGroup(token)
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
      let database = server.dependencies.database
      // One expired row and one valid row of each kind.
      for (name, expires) in [
        ("old", Instant(milliseconds: 1)), ("new", .now.advanced(by: .seconds(86_400))),
      ] {
        let id = ID(at: .now)
        try await database.transact([
          """
          insert into sessions (id, token_hash, user_id, created_at, expires_at)
          values (\(id), \(name), \(user), 0, \(expires))
          """,
          """
          insert into tokens (id, token_hash, user_id, name, scopes, created_at, expires_at)
          values (\(id), \(name), \(user), 'x', 'read', 0, \(expires))
          """,
          """
          insert into idempotency_keys (user_id, key, fingerprint, made, created_at)
          values (\(user), \(name), 'x', \(id), \(expires))
          """,
          """
          insert into invites (group_id, id, secret, role, max_uses, created_by, created_at, expires_at)
          values (\(group.id), \(id), \(name), 'member', 1, \(group.me), 0, \(expires))
          """,
          "insert into sign_up_invites (code_hash, created_at, expires_at) values (\(name), 0, \(expires))",
          "insert into password_resets (token_hash, user_id, expires_at) values (\(name), \(user), \(expires))",
        ])
      }
      try await database.transact(["update groups set deleted_at = 1 where id = \(gone.id)"])
      try await ScheduleStore(database: database).enqueueDue(at: .now)
      while try await server.dependencies.worker().runNext() {}
      #expect(try await database.read("select 1 from jobs").isEmpty)
      for names: SQL in [
        "select token_hash from sessions where token_hash in ('old', 'new')", "select token_hash from tokens",
        "select key from idempotency_keys where key in ('old', 'new')", "select secret from invites",
        "select code_hash from sign_up_invites", "select token_hash from password_resets",
      ] {
        let left = try await database.read(names).map { try $0.decode(String.self) as String }
        #expect(left == ["new"], "\(names.text)")
      }
      let groups = try await database.read("select id from groups").map { try $0.decode(ID.self) as ID }
      #expect(groups == [group.id])
    }
  }
}
