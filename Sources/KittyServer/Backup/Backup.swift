import KittyShared

/// Writes a backup: all tables as they were at one moment, then the photos and receipts that they use. Memory is bounded except
/// for their hashes.
struct Backup {
  let database: any BackupDatabase
  let photos: any PhotoStorage
  /// Called from time to time with the number of rows and photos written so far.
  var progress: (_ rows: Int, _ photos: Int) -> Void = { _, _ in }

  /// Number of rows read at a time.
  private static let rowLimit = 500
  /// Size in bytes from which a part of a table is written.
  private static let partSize = 1 << 20

  /// Writes the backup into an archive.
  /// - Returns: The contents of the archive, with the photos that are missing in it.
  /// - Throws: `ArchiveFailure`, `DatabaseFailure`.
  func write(to archive: ArchiveWriter, at now: Instant) async throws -> ArchiveEnd {
    let manifest = ArchiveManifest(
      server: KittyCash.version, schema: Migration.all.last?.version ?? 0, createdAt: now,
      tables: BackupTable.all.map { .init(name: "\($0.name)", columns: $0.columns.map { "\($0.name)" }) })
    try archive.add(ArchiveMemberName.manifest, JSON.bytes(of: manifest) + Array("\n".utf8))
    var rows = 0
    let (hashes, receipts) = try await database.snapshot { snapshot in
      let store = BackupStore(snapshot: snapshot)
      for table in BackupTable.all {
        rows += try await write(table, of: store, to: archive, rowsBefore: rows)
      }
      return (try await photosInUse(store), try await receiptsInUse(store))
    }
    for (index, hash) in hashes.enumerated() {
      try await write(photo: hash, to: archive)
      progress(rows, index + 1)
    }
    for (index, receipt) in receipts.enumerated() {
      try await write(receipt: receipt.hash, receipt.type, to: archive)
      progress(rows, hashes.count + index + 1)
    }
    return try archive.finish()
  }

  /// - Returns: The number of rows of the table.
  private func write(
    _ table: BackupTable, of store: BackupStore, to archive: ArchiveWriter, rowsBefore: Int
  ) async throws -> Int {
    var (count, part) = (0, 0)
    var lines: [UInt8] = []
    var key: [SQL.Value]?
    while true {
      let rows = try await store.rows(of: table, after: key, limit: Self.rowLimit)
      for row in rows { try ArchivedRows.append(row, table.columns, to: &lines) }
      count += rows.count
      let isLast = rows.count < Self.rowLimit
      if lines.count >= Self.partSize || isLast && !lines.isEmpty {
        part += 1
        try archive.add(ArchiveMemberName.rows("\(table.name)", part: part), lines)
        lines.removeAll(keepingCapacity: true)
        progress(rowsBefore + count, 0)
      }
      guard let last = rows.last, !isLast else { break }
      key = Array(try ArchivedRows.values(of: last, table.columns).prefix(table.keyCount))
    }
    archive.record(rows: count, of: "\(table.name)")
    return count
  }

  private func photosInUse(_ store: BackupStore) async throws -> [String] {
    var hashes: [String] = []
    while true {
      let page = try await store.photosInUse(after: hashes.last ?? "", limit: Self.rowLimit)
      hashes += page
      if page.count < Self.rowLimit { return hashes }
    }
  }

  private func receiptsInUse(_ store: BackupStore) async throws -> [(hash: String, type: String)] {
    var receipts: [(hash: String, type: String)] = []
    while true {
      let page = try await store.receiptsInUse(after: receipts.last?.hash ?? "", limit: Self.rowLimit)
      receipts += page
      if page.count < Self.rowLimit { return receipts }
    }
  }

  private func write(receipt hash: String, _ type: String, to archive: ArchiveWriter) async throws {
    guard let bytes = try await photos.read(hash, .receipt), PhotoFolder.hash(of: bytes) == hash else {
      return archive.record(receipt: hash, isMissing: true)
    }
    try archive.add(ArchiveMemberName.photo(hash, .receipt), bytes)
    var isMissing = false
    if Receipt.MediaType(rawValue: type)?.isPicture ?? true {
      if let preview = try await photos.read(hash, .receiptPreview) {
        try archive.add(ArchiveMemberName.photo(hash, .receiptPreview), preview)
      } else {
        isMissing = true
      }
    }
    archive.record(receipt: hash, isMissing: isMissing)
  }

  /// A photo that was replaced after the snapshot still exists: it is kept for `JobStore.photoGracePeriod`.
  private func write(photo hash: String, to archive: ArchiveWriter) async throws {
    var isMissing = false
    for variant in StoredVariant.ofPhoto {
      guard let bytes = try await photos.read(hash, variant),
        variant != .large || PhotoFolder.hash(of: bytes) == hash
      else {
        isMissing = true
        continue
      }
      try archive.add(ArchiveMemberName.photo(hash, variant), bytes)
    }
    archive.record(photo: hash, isMissing: isMissing)
  }
}
