import KittyShared

/// The complete group as JSON, for a later import. Each entry is on a line of its own, so that line-based tools can
/// compare two exports.
struct GroupFileText: BooksExport {
  private let start: String

  /// - Parameter file: The group without its entries.
  /// - Throws: `EncodingError`.
  init(_ file: GroupFile) throws {
    // The entries are the last field of the file: the text ends with an empty list and the brace of the object.
    let text = try JSON.text(of: file)
    guard file.entries.isEmpty, text.hasSuffix("\"entries\":[]}") else {
      throw DatabaseFailure.fault("the entries are not the last field of a group file")
    }
    start = text.dropLast(2) + "\n"
  }

  func head() -> String { start }

  func entry(_ entry: GroupFile.FileEntry, isFirst: Bool) throws -> String {
    try (isFirst ? "" : ",\n") + JSON.text(of: entry)
  }

  func end(_ entries: Int) -> String { "\n]}\n" }
}
