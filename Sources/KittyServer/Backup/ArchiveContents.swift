import KittyShared

/// What an archive says of itself first: its member `manifest.json`.
struct ArchiveManifest: Codable, Sendable {
  /// Tells an archive of KittyCash from any other.
  var kind = Self.kind
  /// How archives are laid out.
  var format = Self.format
  /// The version of the server that wrote it.
  let server: String
  /// The version of the schema that its tables are of.
  let schema: Int
  /// When it was begun.
  let createdAt: Instant
  let tables: [TableManifest]

  struct TableManifest: Codable, Sendable {
    let name: String
    /// What the values of a row are, in order.
    let columns: [String]
  }

  static let kind = "kittycash backup"
  static let format = 1
}

/// What an archive says of itself last: its member `end.json`. One without it is not whole.
struct ArchiveEnd: Codable, Sendable, Equatable {
  /// How many rows each table has.
  var rows: [RowCount] = []
  /// How many photos there are.
  var photos = 0
  /// Photos that something shows, and that could not be found when the archive was written.
  var missingPhotos: [String] = []
  /// How many members come before this one.
  var members = 0
  /// The SHA-256 of the member `SHA256SUMS`.
  var sums = ""

  struct RowCount: Codable, Sendable, Equatable {
    let table: String
    var count: Int
  }

  var rowCount: Int { rows.reduce(0) { $0 + $1.count } }
}

/// The names of the members.
enum ArchiveName {
  static let manifest = "manifest.json"
  /// A line for each member before it, as `sha256sum --check` reads them.
  static let sums = "SHA256SUMS"
  static let end = "end.json"

  /// A part of a table: a line for each row.
  static func rows(_ table: String, part: Int) -> String {
    let digits = "\(part)"
    return "tables/\(table)/\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).jsonl"
  }

  static func photo(_ hash: String, _ variant: PhotoVariant) -> String {
    "photos/\(hash).\(variant.fileName)"
  }

  /// The table of a part of a table.
  static func table(of name: String) -> String? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "tables" ? String(parts[1]) : nil
  }

  /// Whose photo a file is.
  static func photo(of name: String) -> (hash: String, variant: PhotoVariant)? {
    guard name.hasPrefix("photos/") else { return nil }
    let file = name.dropFirst(7)
    let hash = file.prefix(64)
    guard hash.utf8.count == 64, hash.allSatisfy({ $0.isHexDigit && !$0.isUppercase }),
      let variant = PhotoVariant.allCases.first(where: { file.dropFirst(64) == ".\($0.fileName)" })
    else { return nil }
    return (String(hash), variant)
  }
}

/// An archive cannot be written, or is not what it should be.
struct ArchiveFailure: Error, CustomStringConvertible {
  let description: String
}
