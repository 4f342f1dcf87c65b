import KittyShared

/// A group as text in one format. The entries are written one by one, so that an export needs the same memory however
/// large the group is.
protocol BooksExport: Sendable {
  /// Returns the text before the entries.
  func head() throws -> String
  /// Returns the text of one entry.
  func entry(_ entry: GroupFile.FileEntry, isFirst: Bool) throws -> String
  /// Returns the text after the entries.
  func end() -> String
}

/// A format for another accounting program: it has the current postings, and neither the history nor the comments.
protocol PostingsExport: BooksExport {
  var group: ExportedGroup { get }
  /// Returns the text of one entry with its postings.
  func entry(_ number: Int64, _ id: ID, _ content: EntryContent, _ postings: [Posting]) -> String
}

extension PostingsExport {
  func entry(_ entry: GroupFile.FileEntry, isFirst: Bool) -> String {
    guard let last = entry.revisions.last, last.action != .deleted else { return "" }
    let postings = last.content.postings(group: group.id, entry: entry.id)
    return postings.isEmpty ? "" : self.entry(entry.number, entry.id, last.content, postings)
  }

  func end() -> String { "" }
}
