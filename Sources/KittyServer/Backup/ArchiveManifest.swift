import KittyShared

/// The first member of an archive, `manifest.json`.
struct ArchiveManifest: Codable, Sendable {
  /// Marks the file as an archive of KittyCash.
  var kind = Self.kind
  /// Version of the archive's layout.
  var format = Self.format
  /// Version of the server that wrote the archive.
  let server: String
  /// Version of the schema of the tables.
  let schema: Int
  /// Time at which the backup began.
  let createdAt: Instant
  let tables: [TableManifest]

  struct TableManifest: Codable, Sendable {
    let name: String
    /// Columns of the values of a row, in order.
    let columns: [String]
  }

  static let kind = "kittycash backup"
  static let format = 1
}

/// The last member of an archive, `end.json`. An archive without it is incomplete.
struct ArchiveEnd: Codable, Sendable, Equatable {
  /// Number of rows of each table.
  var rows: [RowCount] = []
  /// Number of photos.
  var photos = 0
  /// Photos in use whose files were missing or damaged when the archive was written.
  var missingPhotos: [String] = []
  /// Number of receipts; `nil` when there are none, and in older archives.
  var receipts: Int?
  /// Receipts of entries whose files were missing or damaged; `nil` when there are none.
  var missingReceipts: [String]?
  /// Number of members before this one.
  var members = 0
  /// The SHA-256 hash of the member `SHA256SUMS`.
  var sums = ""

  struct RowCount: Codable, Sendable, Equatable {
    let table: String
    var count: Int
  }

  /// The number of photos, and that of receipts where there are any, in words.
  var files: String { "\(photos) photos" + (receipts.map { " and \($0) receipts" } ?? "") }
  /// The missing or damaged ones, each with its kind.
  var missingFiles: [String] {
    missingPhotos.map { "photo \($0)" } + (missingReceipts ?? []).map { "receipt \($0)" }
  }
  var rowCount: Int { rows.reduce(0) { $0 + $1.count } }
}
