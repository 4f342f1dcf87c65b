import KittyShared

/// Restores an archive into an empty installation.
///
/// The archive is read as a whole and checked before anything is written. Then come the photos and receipts, which no row uses yet,
/// and at last all rows in one transaction: a restore that fails leaves nothing behind.
struct Restore {
  let database: any BackupDatabase
  let photos: any PhotoStorage
  let uploads: UploadFolder
  /// Called from time to time with the progress in words.
  var progress: (_ text: String) -> Void = { _ in }

  /// Number by which the change sequences are raised: more than an installation has written since any backup.
  static let gap: Int64 = 1_000_000_000

  /// Restores the archive.
  /// - Returns: The contents of the archive.
  /// - Throws: `ArchiveFailure`, `RestoreFailure`, `DatabaseFailure`, `MigrationFailure`: then nothing was restored.
  func run(from archive: ArchiveReader) async throws -> ArchiveEnd {
    let contents = try archive.verify { progress("checked \($0) parts of the archive") }
    let newest = Migration.all.last?.version ?? 0
    guard contents.manifest.schema <= newest else {
      throw ArchiveFailure(
        description: """
          \(archive.path) has schema version \(contents.manifest.schema), from KittyCash \
          \(contents.manifest.server), and this server (\(KittyCash.version)) supports versions up to \(newest). \
          Restore it with that version or a newer one.
          """)
    }
    let tables = try contents.manifest.tables.map { try ArchivedTable($0) }
    // Check before the photos are written; `restoreRows` checks again inside the transaction.
    do {
      guard try await RestoreStore.isEmpty(database) else { throw RestoreFailure.notEmpty }
    } catch DatabaseFailure.fault {
      // The tables do not exist yet. Another fault occurs again in the transaction.
    }
    let before = try await photos.variants()
    var written: [(hash: String, kind: StoredVariant.Kind)] = []
    do {
      try await restorePhotos(from: archive, contents, recordingIn: &written)
      try await restoreDatabase(from: archive, contents, tables)
    } catch {
      // `check` names photos that cannot be removed now. The first error is the one to report.
      for (hash, kind) in written where !(before[hash] ?? []).contains(where: { $0.kind == kind }) {
        _ = try? await photos.remove(hash, kind, untouchedFor: .zero)
      }
      throw error
    }
    return contents.end
  }

  private func restorePhotos(
    from archive: ArchiveReader, _ contents: ArchiveReader.Contents,
    recordingIn written: inout [(hash: String, kind: StoredVariant.Kind)]
  ) async throws {
    try archive.seek(to: contents.firstPhoto)
    var count = 0
    while let member = try archive.next(), let photo = ArchiveMemberName.photo(of: member.name) {
      let upload = try uploads.create(with: member.bytes)
      defer { uploads.remove(upload) }
      if photo.variant.isNamed { written.append((photo.hash, photo.variant.kind)) }
      try await photos.put(photo.hash, photo.variant, file: upload.original)
      if photo.variant.isNamed {
        count += 1
        progress("\(count) photos and receipts")
      }
    }
  }

  private func restoreDatabase(
    from archive: ArchiveReader, _ contents: ArchiveReader.Contents, _ tables: [ArchivedTable]
  ) async throws {
    do {
      try await database.restore { transaction in
        let store = RestoreStore(transaction: transaction)
        try await prepareSchema(store, version: contents.manifest.schema)
        try await restoreRows(from: archive, contents, tables, into: store)
        try await Self.migrateAndRenumber(store, from: contents.manifest.schema)
        try await transaction.analyze(BackupTable.all)
      }
    } catch DatabaseFailure.brokenReference, DatabaseFailure.notUnique, DatabaseFailure.refused,
      DatabaseFailure.outOfRange
    {
      throw RestoreFailure.inconsistent
    }
  }

  /// Brings an empty database to the schema of the archive.
  private func prepareSchema(_ store: RestoreStore, version: Int) async throws {
    let transaction = store.transaction
    var applied = try await transaction.appliedMigrations()
    try Migration.check(applied, against: Migration.all)
    // Without a migration the tables do not exist.
    if !applied.isEmpty {
      guard try await store.isEmptyAndLocked() else { throw RestoreFailure.notEmpty }
    }
    if let newest = applied.keys.max(), newest > version {
      try await transaction.removeSchema(BackupTable.all)
      applied = [:]
    }
    for migration in Migration.all where migration.version <= version && applied[migration.version] == nil {
      try await transaction.apply(migration)
    }
  }

  private func restoreRows(
    from archive: ArchiveReader, _ contents: ArchiveReader.Contents, _ tables: [ArchivedTable],
    into store: RestoreStore
  ) async throws {
    let transaction = store.transaction
    for archived in tables.reversed() { try await store.deleteRows(of: archived.table) }
    try archive.seek(to: contents.firstTable)
    var next = try archive.next()
    var count = 0
    for archived in tables {
      // Rows that must be inserted by one statement may be spread over two parts of the table.
      var pending: [[SQL.Value]] = []
      while let member = next, ArchiveMemberName.table(of: member.name) == archived.name {
        pending += try ArchivedRows.rows(in: member.bytes, archived.columns)
        next = try archive.next()
        let insertable = archived.insertableCount(of: pending)
        try await transaction.insert(Array(pending[..<insertable]), into: archived.table, archived.columns)
        pending.removeFirst(insertable)
        count += insertable
        progress("\(count) of \(contents.end.rowCount) rows")
      }
      if !pending.isEmpty { try await transaction.insert(pending, into: archived.table, archived.columns) }
      count += pending.count
    }
    // `verify` has counted the rows. Another number means that the file was changed since.
    guard count == contents.end.rowCount else { throw RestoreFailure.inconsistent }
  }

  /// Applies the migrations that are newer than the archive, and raises the change sequences.
  private static func migrateAndRenumber(_ store: RestoreStore, from version: Int) async throws {
    for migration in Migration.all where migration.version > version {
      try await store.transaction.apply(migration)
    }
    try await store.renumberChanges(gap: gap)
  }
}
