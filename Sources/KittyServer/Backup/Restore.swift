import KittyShared

/// Fills an empty installation with what is in an archive. The archive is read whole before anything is
/// written; then come the photos, which nothing shows yet, and all rows in one transaction.
struct Restore {
  let database: any BackupDatabase
  let photos: any PhotoStorage
  let uploads: Uploads
  /// Called now and then with how far it is.
  var progress: (_ what: String) -> Void = { _ in }

  /// By how much the change sequences go on: no client of the installation that the archive is of has seen a
  /// number this far, also of what was written after the backup.
  static let gap: Int64 = 1_000_000_000

  /// - Returns: What was restored.
  /// - Throws: `ArchiveFailure`, `RestoreFailure`, `DatabaseFailure`, `MigrationFailure`: then nothing was
  ///   restored.
  func run(from archive: ArchiveReader) async throws -> ArchiveEnd {
    let contents = try archive.verify { progress("checked \($0) parts of the archive") }
    let known = Migration.all.last?.version ?? 0
    guard contents.manifest.schema <= known else {
      throw ArchiveFailure(
        description: """
          \(archive.path) has schema version \(contents.manifest.schema), from KittyCash \
          \(contents.manifest.server), and this server (\(serverVersion)) knows versions up to \(known). \
          Restore it with that version or a newer one.
          """)
    }
    let tables = try contents.manifest.tables.map { try ArchivedTable($0) }
    // Photos that nobody will show are not written.
    do {
      guard try await database.read(Self.someone).isEmpty else { throw RestoreFailure.notEmpty }
    } catch DatabaseFailure.fault {
      // There are no tables yet; whatever else it is, filling them meets it again.
    }
    let before = try await photos.hashes()
    var written: Set<String> = []
    do {
      try await restorePhotos(from: archive, contents, noting: &written)
      try await fill(from: archive, contents, tables)
    } catch {
      // What cannot be removed now, `check` names; why nothing was restored matters more.
      for hash in written.subtracting(before) { _ = try? await photos.remove(hash, untouchedFor: .zero) }
      throw error
    }
    return contents.end
  }

  private func fill(
    from archive: ArchiveReader, _ contents: ArchiveReader.Contents, _ tables: [ArchivedTable]
  ) async throws {
    do {
      try await database.fill { filling in
        try await prepare(filling, for: contents.manifest.schema)
        try await restoreRows(from: archive, contents, tables, into: filling)
        try await Self.goOn(filling, from: contents.manifest.schema)
        try await filling.analyze(Table.all)
      }
    } catch DatabaseFailure.brokenReference, DatabaseFailure.notUnique, DatabaseFailure.refused,
      DatabaseFailure.outOfRange
    {
      throw RestoreFailure.inconsistent
    }
  }

  private static let someone: SQL = """
    select 1 from (select id from users union all select id from groups) as someone limit 1
    """

  private func restorePhotos(
    from archive: ArchiveReader, _ contents: ArchiveReader.Contents, noting written: inout Set<String>
  ) async throws {
    try archive.seek(to: contents.photos)
    var count = 0
    while let member = try archive.next(), let photo = ArchiveName.photo(of: member.name) {
      let upload = try uploads.begin(with: member.bytes)
      defer { uploads.end(upload) }
      written.insert(photo.hash)
      try await photos.put(photo.hash, photo.variant, file: upload.file)
      if photo.variant == .large {
        count += 1
        progress("\(count) photos")
      }
    }
  }

  /// Brings an empty database to the schema of the archive.
  private func prepare(_ filling: any RestoreTransaction, for version: Int) async throws {
    var applied = try await filling.migrations()
    try Migration.check(applied, against: Migration.all)
    // Only what the first step makes can be asked for in every version.
    if !applied.isEmpty {
      for table in Table.all where ["users", "groups"].contains("\(table.name)") {
        try await filling.lock(table)
      }
      guard try await filling.read(Self.someone).isEmpty else { throw RestoreFailure.notEmpty }
    }
    if let newest = applied.keys.max(), newest > version {
      try await filling.removeSchema(Table.all)
      applied = [:]
    }
    for migration in Migration.all where migration.version <= version && applied[migration.version] == nil {
      try await filling.apply(migration)
    }
  }

  private func restoreRows(
    from archive: ArchiveReader, _ contents: ArchiveReader.Contents, _ tables: [ArchivedTable],
    into filling: any RestoreTransaction
  ) async throws {
    for archived in tables.reversed() { try await filling.run("delete from \(name: archived.table.name)") }
    try archive.seek(to: contents.tables)
    var next = try archive.next()
    var rows = 0
    for archived in tables {
      // What has to stay together may be spread over two parts of the table.
      var waiting: [[SQL.Value]] = []
      while let member = next, ArchiveName.table(of: member.name) == "\(archived.table.name)" {
        waiting += try ArchivedRows.rows(in: member.bytes, archived.columns)
        next = try archive.next()
        let ready = archived.ready(in: waiting)
        try await filling.insert(Array(waiting[..<ready]), into: archived.table, archived.columns)
        waiting.removeFirst(ready)
        rows += ready
        progress("\(rows) of \(contents.end.rowCount) rows")
      }
      if !waiting.isEmpty { try await filling.insert(waiting, into: archived.table, archived.columns) }
      rows += waiting.count
    }
    // It was counted before; a file that is written to meanwhile would be noticed here.
    guard rows == contents.end.rowCount else { throw RestoreFailure.inconsistent }
  }

  /// Takes the later steps of the schema, and sets the change sequences so far ahead that a client which has seen
  /// any number of before is told to start anew.
  private static func goOn(_ filling: any RestoreTransaction, from version: Int) async throws {
    for migration in Migration.all where migration.version > version { try await filling.apply(migration) }
    for statement: SQL in [
      """
      update entries set sequence = sequence + \(gap) + (
        select g.sequence - g.first_sequence from groups g where g.id = entries.group_id)
      """,
      """
      update groups set sequence = sequence + \(gap) + sequence - first_sequence,
        first_sequence = sequence + \(gap)
      """,
      // Their trigger gives them the next numbers.
      "update accounts set version = version",
    ] { try await filling.run(statement) }
  }
}

/// A table of an archive: an older one may have fewer columns, in another order.
private struct ArchivedTable {
  let table: Table
  let columns: [Table.Column]
  /// Where the columns are by which rows stay together.
  private let together: [Int]

  init(_ manifest: ArchiveManifest.TableManifest) throws {
    let table = Table.all.first { "\($0.name)" == manifest.name }
    let columns = manifest.columns.compactMap { table?.column($0) }
    guard let table, columns.count == manifest.columns.count else {
      throw ArchiveFailure(
        description: "The archive has a table \(manifest.name) with columns that no version of KittyCash has."
      )
    }
    self.table = table
    self.columns = columns
    together = table.columns.prefix(table.together).compactMap { column in
      manifest.columns.firstIndex(of: "\(column.name)")
    }
  }

  /// How many of the rows can be written: those of the last group may go on in the next part.
  func ready(in rows: [[SQL.Value]]) -> Int {
    guard !together.isEmpty, let last = rows.last else { return rows.count }
    let first = rows.lastIndex { row in together.contains { row[$0] != last[$0] } }
    return first.map { $0 + 1 } ?? 0
  }
}

/// Why nothing was restored.
enum RestoreFailure: Error, CustomStringConvertible {
  case notEmpty
  case inconsistent

  var description: String {
    switch self {
    case .notEmpty:
      """
      There are users or groups here already, and a backup is restored into an empty installation only. Name \
      another data folder with --data, or an empty database with --database-url. Nothing was changed.
      """
    case .inconsistent:
      """
      The rules of the books refuse what is in the archive: it is of damaged books, or was changed. Nothing was \
      restored. Use another backup.
      """
    }
  }
}
