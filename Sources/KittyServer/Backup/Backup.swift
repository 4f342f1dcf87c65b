import KittyShared

/// Writes everything there is into an archive: the tables as they are at one moment, then the photos that are
/// shown in them. Memory does not grow with what there is, but by the names of the photos.
struct Backup {
  let database: any BackupDatabase
  let photos: any PhotoStorage
  /// Called now and then with how many rows and photos were written.
  var progress: (_ rows: Int, _ photos: Int) -> Void = { _, _ in }

  /// How many rows are read at a time, and about how many bytes a member of the archive has.
  private static let rowLimit = 500
  private static let partSize = 1 << 20

  /// - Returns: What is in the archive; photos that were not found among it.
  /// - Throws: `ArchiveFailure`, `DatabaseFailure`.
  func write(to archive: ArchiveWriter, at now: Instant) async throws -> ArchiveEnd {
    let manifest = ArchiveManifest(
      server: serverVersion, schema: Migration.all.last?.version ?? 0, createdAt: now,
      tables: Table.all.map { .init(name: "\($0.name)", columns: $0.columns.map { "\($0.name)" }) })
    try archive.add(ArchiveName.manifest, JSON.bytes(of: manifest) + Array("\n".utf8))
    var rows = 0
    let shown = try await database.snapshot { snapshot in
      for table in Table.all { rows += try await write(table, of: snapshot, to: archive, after: rows) }
      return try await hashes(in: snapshot)
    }
    for (index, hash) in shown.enumerated() {
      try await write(photo: hash, to: archive)
      progress(rows, index + 1)
    }
    return try archive.finish()
  }

  private func write(
    _ table: Table, of snapshot: any SnapshotReader, to archive: ArchiveWriter, after before: Int
  ) async throws -> Int {
    var (count, part) = (0, 0)
    var lines: [UInt8] = []
    var key: [SQL.Value]?
    while true {
      let rows = try await snapshot.read(table.rows(after: key, limit: Self.rowLimit))
      for row in rows { try ArchivedRows.append(row, table.columns, to: &lines) }
      count += rows.count
      let isLast = rows.count < Self.rowLimit
      if lines.count >= Self.partSize || isLast && !lines.isEmpty {
        part += 1
        try archive.add(ArchiveName.rows("\(table.name)", part: part), lines)
        lines.removeAll(keepingCapacity: true)
        progress(before + count, 0)
      }
      guard let last = rows.last, !isLast else { break }
      key = Array(try ArchivedRows.values(of: last, table.columns).prefix(table.keyCount))
    }
    archive.note(rows: count, of: "\(table.name)")
    return count
  }

  /// The photos that are shown.
  private func hashes(in snapshot: any SnapshotReader) async throws -> [String] {
    var hashes: [String] = []
    while true {
      let after = hashes.last ?? ""
      let rows = try await snapshot.read(
        """
        select photo_hash from (
          select photo_hash from users union select photo_hash from groups) as shown
        where photo_hash > \(after) order by photo_hash limit \(Self.rowLimit)
        """)
      hashes += try rows.map { try $0.decode(String.self) }
      if rows.count < Self.rowLimit { return hashes }
    }
  }

  /// A photo that was replaced after the snapshot is kept for an hour, so it is still there.
  private func write(photo hash: String, to archive: ArchiveWriter) async throws {
    var isMissing = false
    for variant in PhotoVariant.allCases {
      guard let bytes = try await photos.read(hash, variant),
        variant != .large || PhotoFolder.hash(of: bytes) == hash
      else {
        isMissing = true
        continue
      }
      try archive.add(ArchiveName.photo(hash, variant), bytes)
    }
    archive.note(photo: hash, isMissing: isMissing)
  }
}
