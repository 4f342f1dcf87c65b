import KittyShared

/// The names of the members of an archive.
enum ArchiveMemberName {
  static let manifest = "manifest.json"
  /// A line for each member before it, in the format of `sha256sum --check`.
  static let sums = "SHA256SUMS"
  static let end = "end.json"

  /// Returns the name of a part of a table, which has a line for each row.
  static func rows(_ table: String, part: Int) -> String {
    let digits = "\(part)"
    return "tables/\(table)/\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).jsonl"
  }

  static func photo(_ hash: String, _ variant: StoredVariant) -> String {
    "photos/\(hash).\(variant.fileName)"
  }

  /// Returns the table that a member is a part of; `nil` for other members.
  static func table(of name: String) -> String? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "tables" ? String(parts[1]) : nil
  }

  /// Returns the photo that a member is a file of; `nil` for other members.
  static func photo(of name: String) -> (hash: String, variant: StoredVariant)? {
    guard name.hasPrefix("photos/") else { return nil }
    let file = name.dropFirst(7)
    let hash = file.prefix(64)
    guard hash.utf8.count == 64, hash.allSatisfy({ $0.isHexDigit && !$0.isUppercase }),
      let variant = StoredVariant.allCases.first(where: { file.dropFirst(64) == ".\($0.fileName)" })
    else { return nil }
    return (String(hash), variant)
  }
}
