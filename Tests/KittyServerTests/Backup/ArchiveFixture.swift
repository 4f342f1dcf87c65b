import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Archives in a temporary folder: written, read, and written again with changes.
struct ArchiveFixture {
  let folder: String

  static func run(_ body: (ArchiveFixture) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await body(ArchiveFixture(folder: folder))
    }
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Backs up a server.
  @discardableResult func write(_ name: String, of dependencies: Dependencies) async throws -> ArchiveEnd {
    let writer = try ArchiveWriter(path(name), at: .now)
    return try await Backup(database: dependencies.backupDatabase, photos: dependencies.photos).write(
      to: writer, at: .now)
  }

  /// Restores an archive into a server.
  @discardableResult func restore(_ name: String, into dependencies: Dependencies) async throws -> ArchiveEnd
  {
    try await Restore(
      database: dependencies.backupDatabase, photos: dependencies.photos, uploads: dependencies.uploads
    ).run(
      from: ArchiveReader(path(name)))
  }

  /// All members except for the two at the end.
  func members(of name: String) throws -> [ArchiveReader.Member] {
    let reader = try ArchiveReader(path(name))
    var members: [ArchiveReader.Member] = []
    while let member = try reader.next() {
      if ![ArchiveMemberName.sums, ArchiveMemberName.end].contains(member.name) { members.append(member) }
    }
    return members
  }

  /// Writes an archive of the given members, with matching checksums and end.
  func write(_ name: String, _ members: [ArchiveReader.Member]) throws {
    let writer = try ArchiveWriter(path(name), at: .now)
    let manifest = try JSON.decode(ArchiveManifest.self, from: Data(members[0].bytes))
    for member in members { try writer.add(member.name, member.bytes) }
    for table in manifest.tables {
      let rows = members.filter { ArchiveMemberName.table(of: $0.name) == table.name }
      writer.record(rows: rows.reduce(0) { $0 + $1.bytes.count { $0 == 10 } }, of: table.name)
    }
    for member in members {
      guard let photo = ArchiveMemberName.photo(of: member.name) else { continue }
      if photo.variant == .large { writer.record(photo: photo.hash, isMissing: false) }
      if photo.variant == .receipt { writer.record(receipt: photo.hash, isMissing: false) }
    }
    _ = try writer.finish()
  }

  /// The rows of every table, without the columns of the change sequence, which continues after a restore.
  func rows(of name: String) throws -> [String: [[SQL.Value]]] {
    var rows: [String: [[SQL.Value]]] = [:]
    for member in try members(of: name) {
      guard
        let table = BackupTable.all.first(where: { "\($0.name)" == ArchiveMemberName.table(of: member.name) })
      else {
        continue
      }
      let kept = table.columns.indices.filter { !"\(table.columns[$0].name)".hasSuffix("sequence") }
      rows["\(table.name)", default: []] += try ArchivedRows.rows(in: member.bytes, table.columns).map {
        row in
        kept.map { row[$0] }
      }
    }
    return rows
  }

  /// Runs `body` with an empty installation.
  static func empty(
    on backend: Backend, _ body: (Dependencies, TestServer.DataLocation) async throws -> Void
  ) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    let settings = try await Settings(
      flags: Settings.Flags.parse([]),
      environment: ["DATA_DIR": location.folder, "DATABASE_URL": location.databaseURL ?? ""])
    try await withDependencies(settings, logger: .silent) { try await body($0, location) }
  }

  /// Checks that an empty installation is still empty.
  static func expectUntouched(_ dependencies: Dependencies) async throws {
    #expect(try await dependencies.photos.hashes().isEmpty)
    guard
      let rows = try? await dependencies.database.read("select 1 from users union all select 1 from groups")
    else {
      return
    }
    #expect(rows.isEmpty)
  }
}

extension GroupFixture {
  /// Runs `body` with a group that has entries of all kinds, photos, an API token, an idempotency key and an invite.
  static func full(
    on backend: Backend, steps: Int = 40, hasCategories: Bool = true,
    _ body: (GroupFixture, _ token: String) async throws -> Void
  ) async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let photos = [try pictures.jpeg(64, 48), try pictures.jpeg(80, 48)]
    try await GroupFixture.run(on: backend, guests: ["Bob", #"Carl \"C\" \\ O'Neil"#, "井上 明子"]) { books in
      try await books.fill(seed: 7, steps: steps, hasCategories: hasCategories)
      for (path, photo) in zip(["/v1/me/photo", "/v1/groups/\(books.group.id)/photo"], photos) {
        let put = try await books.server.send("PUT", path, token: books.token, body: .bytes(photo))
        #expect(put.status == 200)
      }
      let made = try await books.send("POST", "/v1/me/tokens", #"{"name": "script", "scopes": ["read"]}"#)
      try #require(made.status == 201, "\(made.text)")
      #expect(
        try await books.send(
          "POST", "/expenses", #"{"description": "once", "amount": 30, "payer": "\#(books.anna)"}"#,
          headers: [("Idempotency-Key", "a-key")]
        ).status == 201)
      if hasCategories {
        // The last entry has a PDF and a picture.
        let last = try #require(try await books.get(Page<Entry>.self, "/entries?limit=1").items.first)
        for (number, file) in [(1, ReceiptSamples.pdf()), (4, photos[0])] {
          let put = try await books.server.send(
            "PUT", "/v1/groups/\(books.group.id)/entries/\(last.id)/receipts/\(number)", token: books.token,
            body: .bytes(file))
          try #require(put.status == 200, "\(put.text)")
        }
      }
      #expect(try await books.send("POST", "/invites", #"{"role": "member"}"#).status == 201)
      try await body(books, try made.decode(NewToken.self).token)
    }
  }

  private struct NewToken: Decodable { let token: String }

  /// Returns the exports in all formats.
  func exports(from server: TestServer) async throws -> [String] {
    var texts: [String] = []
    for format in ["json", "csv", "hledger", "beancount"] {
      let answer = try await server.send(
        "GET", "/v1/groups/\(group.id)/export?format=\(format)", token: token)
      try #require(answer.status == 200, "\(answer.text)")
      texts.append(answer.text)
    }
    return texts
  }
}
