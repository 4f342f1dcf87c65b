import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Backup and restore between both databases.
@Suite struct BackupRoundTripTests {
  /// A new table or column fails here until the archive contains it.
  @Test(arguments: Backend.available) func everyColumnOfEveryTableIsInTheArchive(backend: Backend)
    async throws
  {
    try await ArchiveFixture.empty(on: backend) { dependencies, _ in
      try await dependencies.migrate()
      let columns: SQL =
        backend == .sqlite
        ? """
        select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c
        where m.type = 'table' and m.name not like 'sqlite%'
          -- The full-text indexes and the numbers of their rows are made again.
          and m.name not like '%_texts_%' and m.name || '.' || c.name not like '%_texts.id'
        """
        : "select table_name, column_name from information_schema.columns where table_schema = current_schema()"
      let found = Set(
        try await dependencies.database.read(columns).map { try $0.decode(String.self, String.self) }
          .filter { $0.0 != "schema_migrations" }.map { "\($0.0).\($0.1)" })
      let archived = Set(
        BackupTable.all.flatMap { table in table.columns.map { "\(table.name).\($0.name)" } })
      #expect(found == archived, "\(found.symmetricDifference(archived).sorted())")
    }
  }

  @Test(arguments: Backend.available) func restoredBackupEqualsTheOriginal(backend: Backend) async throws {
    let other = Backend.available.last { $0 != backend } ?? backend
    try await ArchiveFixture.run { archives in
      try await GroupFixture.full(on: backend) { books, apiToken in
        let exports = try await books.exports(from: books.server)
        let written = try await archives.write("1.tar", of: books.server.dependencies)
        #expect(written.photos == 2 && written.missingPhotos.isEmpty && written.rowCount > 150)
        #expect(written.receipts == 2 && written.missingReceipts == nil)
        let changes = try await books.get(Page<Entry>.self, "/entries?since=0&limit=1")
        let seen = try #require(changes.sequence)
        try await restored("1.tar", other, archives) { server in
          #expect(try await books.exports(from: server) == exports)
          try await expectEqual(books, server, apiToken)
          try await expectNewStart(books, server, seen: seen)
          try await archives.write("2.tar", of: server.dependencies)
        }
        try await restored("2.tar", backend, archives) { server in
          #expect(try await books.exports(from: server) == exports)
          try await expectEqual(books, server, apiToken)
          try await archives.write("3.tar", of: server.dependencies)
        }
        // Without sessions and tokens, whose last use changes with each request, and without what a sign-in makes.
        var (first, last) = (try archives.rows(of: "1.tar"), try archives.rows(of: "3.tar"))
        for table in ["sessions", "tokens", "device_tokens"] {
          #expect(first[table]?.count == 1)
          (first[table], last[table]) = (nil, nil)
        }
        #expect(first.keys.sorted() == last.keys.sorted() && first.count > 8)
        for (table, rows) in first { #expect(rows == last[table], "\(table)") }
      }
    }
  }

  private func restored(
    _ name: String, _ backend: Backend, _ archives: ArchiveFixture, _ body: (TestServer) async throws -> Void
  ) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    try await TestServer.run(at: location) { server in
      try await archives.restore(name, into: server.dependencies)
      try await GroupFixture.expectClean(server)
      try await body(server)
    }
  }

  /// Checks that sessions, tokens, passwords, photos and idempotency keys are restored.
  private func expectEqual(_ books: GroupFixture, _ server: TestServer, _ apiToken: String) async throws {
    let me = try await server.send("GET", "/v1/me", token: books.token).decode(User.self)
    #expect(me.photo != nil)
    #expect(try await server.send("GET", "/v1/groups", token: apiToken).status == 200)
    _ = try await server.signIn()
    for path in ["/v1/me/photo", "/v1/groups/\(books.group.id)/photo"] {
      for variant in StoredVariant.ofPhoto {
        let query = "\(path)?size=\(variant.rawValue)"
        let before = try await books.server.send("GET", query, token: books.token)
        let now = try await server.send("GET", query, token: books.token)
        #expect(now.status == before.status && now.response.body == before.response.body && now.status == 200)
      }
    }
    let listed = try await books.get(Page<Entry>.self, "/entries?limit=200").items
    for entry in listed {
      for receipt in entry.receipts ?? [] {
        let path = "/v1/groups/\(books.group.id)/entries/\(entry.id)/receipts/\(receipt.number)"
        for query in receipt.type.isPicture ? ["", "?size=preview"] : [""] {
          let before = try await books.server.send("GET", path + query, token: books.token)
          let now = try await server.send("GET", path + query, token: books.token)
          #expect(now.status == 200 && now.response.body == before.response.body)
          #expect(!query.isEmpty || PhotoFolder.hash(of: now.response.body) == receipt.hash)
        }
      }
    }
    let again = try await server.send(
      "POST", "/v1/groups/\(books.group.id)/expenses", token: books.token,
      json: #"{"description": "once", "amount": 30, "payer": "\#(books.anna)"}"#,
      headers: [("Idempotency-Key", "a-key")])
    let rows = try await server.dependencies.database.read(
      "select count(*) from entries where description = 'once'")
    #expect(try again.status == 201 && rows[0].decode(Int.self) == 1, "\(again.text)")
  }

  /// Checks that a client with an older sequence must start again, and then misses nothing.
  private func expectNewStart(_ books: GroupFixture, _ server: TestServer, seen: Int64) async throws {
    let path = "/v1/groups/\(books.group.id)"
    for list in ["entries", "members", "categories", "recurring", "settlements"] {
      // Also with a sequence that was reached only after the backup.
      for sequence in [1, seen, seen + 1000] {
        let answer = try await server.send("GET", "\(path)/\(list)?since=\(sequence)", token: books.token)
        #expect(try answer.problem().code == "start_anew", "\(list) \(sequence)")
      }
      var (next, found, sequence) = ("", 0, nil as Int64?)
      repeat {
        let answer = try await server.send(
          "GET", "\(path)/\(list)?since=0&limit=2\(next)", token: books.token)
        try #require(answer.status == 200, "\(answer.text)")
        let page = try answer.decode(Page<Numbered>.self)
        found += page.items.count
        sequence = page.sequence
        next = page.next.map { "&cursor=\($0)" } ?? ""
      } while !next.isEmpty
      let table: SQL =
        switch list {
        case "entries": "entries"
        case "categories": "categories"
        case "recurring": "recurring"
        case "settlements": "settlements"
        default: "accounts where kind = 'member'"
        }
      let rows = try await server.dependencies.database.read("select count(*) from \(part: table)")
      #expect(try rows[0].decode(Int.self) == found)
      let later = try await server.send(
        "GET", "\(path)/\(list)?since=\(sequence ?? 0)", token: books.token)
      #expect(try later.decode(Page<Numbered>.self).items.isEmpty)
    }
  }

  private struct Numbered: Codable { let id: ID }

  @Test(arguments: Backend.available) func backupDuringWritesIsConsistent(backend: Backend)
    async throws
  {
    try await ArchiveFixture.run { archives in
      try await GroupFixture.run(on: backend) { books in
        let writing = Task {
          try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
              group.addTask {
                var count = 0
                while !Task.isCancelled {
                  let json = #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#
                  if try await books.send("POST", "/expenses", json).status == 201 { count += 1 }
                }
                return count
              }
            }
            return try await group.reduce(0, +)
          }
        }
        var counts: [Int] = []
        for name in ["1.tar", "2.tar", "3.tar"] {
          let before = counts.last ?? 0
          // There are more entries than in the last backup, and writing continues.
          try await until {
            let rows = try await books.server.dependencies.database.read("select count(*) from entries")
            return try rows[0].decode(Int.self) > before + 20
          }
          let end = try await archives.write(name, of: books.server.dependencies)
          counts.append(end.rows.first { $0.table == "entries" }?.count ?? 0)
        }
        writing.cancel()
        _ = await writing.result
        #expect(counts[0] > 0 && counts[0] < counts[1] && counts[1] < counts[2])
        for name in ["1.tar", "3.tar"] {
          try await restored(name, backend, archives) { server in
            let balances = try await server.balances(books.group.id, books.token)
            #expect(balances.map(\.net).reduce(0, +) == 0)
            #expect(balances.map(\.paid).reduce(0, +) == Int64(counts[name == "1.tar" ? 0 : 2] * 300))
          }
        }
      }
    }
  }

  /// An archive in the form of schema 5: without change sequences and schedules.
  @Test(arguments: Backend.available, [false, true])
  func olderArchiveIsMigrated(backend: Backend, isMigrated: Bool) async throws {
    try await ArchiveFixture.run { archives in
      try await GroupFixture.full(on: .sqlite, steps: 12, hasCategories: false) { books, apiToken in
        try await archives.write("new.tar", of: books.server.dependencies)
        try archives.write("old.tar", Self.older(try archives.members(of: "new.tar")))
        let exports = try await books.exports(from: books.server)
        let location = try await TestServer.DataLocation(on: backend)
        defer { location.remove() }
        if !isMigrated {
          let settings = try await Settings(
            flags: Settings.Flags.parse([]),
            environment: ["DATA_DIR": location.folder, "DATABASE_URL": location.databaseURL ?? ""])
          try await withDependencies(settings, logger: .silent) {
            try await archives.restore("old.tar", into: $0)
          }
        }
        try await TestServer.run(at: location) { server in
          if isMigrated { try await archives.restore("old.tar", into: server.dependencies) }
          #expect(try await books.exports(from: server) == exports)
          try await GroupFixture.expectClean(server)
          try await expectEqual(books, server, apiToken)
          try await expectNewStart(books, server, seen: 50)
        }
      }
    }
  }

  private static func older(_ members: [ArchiveReader.Member]) throws -> [ArchiveReader.Member] {
    let lost = [
      "sequence", "first_sequence", "bytes", "importing", "lease", "worker", "removed_sequence",
      "group_invite",
      "email_confirmed_at", "key_id", "client", "purpose", "refund_of", "default_split", "iban",
      "removed_numbers",
    ]
    let lostTables = [
      "schedules", "workers", "photo_conversions", "device_tokens", "email_confirmations", "ssh_keys",
      "sign_in_challenges", "account_files", "upload_addresses",
      "categories", "entry_categories", "entry_texts", "comment_texts", "spending", "recurring",
      "occurrences", "settlements", "settlement_payments", "imports", "imported_entries",
      "entry_receipts",
    ]
    return try members.filter { !lostTables.contains(ArchiveMemberName.table(of: $0.name) ?? "") }.map {
      member in
      if member.name == ArchiveMemberName.manifest {
        let now = try JSON.decode(ArchiveManifest.self, from: Data(member.bytes))
        let tables = now.tables.filter { !lostTables.contains($0.name) }.map { table in
          ArchiveManifest.TableManifest(
            name: table.name, columns: table.columns.filter { !lost.contains($0) })
        }
        let manifest = ArchiveManifest(
          server: "0.0.9", schema: 5, createdAt: now.createdAt, tables: tables)
        return .init(name: member.name, bytes: try JSON.bytes(of: manifest) + [10])
      }
      guard
        let table = BackupTable.all.first(where: { "\($0.name)" == ArchiveMemberName.table(of: member.name) })
      else {
        return member
      }
      let kept = table.columns.indices.filter { !lost.contains("\(table.columns[$0].name)") }
      var lines: [UInt8] = []
      for row in try ArchivedRows.rows(in: member.bytes, table.columns) {
        try ArchivedRows.append(
          Row(columns: kept.map { row[$0] }), kept.map { table.columns[$0] }, to: &lines)
      }
      return .init(name: member.name, bytes: lines)
    }
  }
}
