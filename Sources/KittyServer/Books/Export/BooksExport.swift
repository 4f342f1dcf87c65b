import KittyShared

/// A group as text in one format. The entries are written one by one, so that an export needs the same memory however
/// large the group is.
protocol BooksExport: Sendable {
  /// Returns the text before the entries.
  func head() throws -> String
  /// Returns the text of one entry.
  func entry(_ entry: GroupFile.FileEntry, isFirst: Bool) throws -> String
  /// Returns the text after the entries.
  /// - Parameter entries: The number of the entries with a text.
  func end(_ entries: Int) -> String
}

/// A format for another accounting program: it has the current postings, and neither the history nor the comments.
protocol PostingsExport: BooksExport {
  var group: ExportedGroup { get }
  /// Returns the text of one entry with its postings.
  func entry(_ number: Int64, _ id: ID, _ content: EntryContent, _ postings: [Posting]) -> String
}

extension PostingsExport {
  func entry(_ entry: GroupFile.FileEntry, isFirst: Bool) -> String {
    entry.current(in: group.id).map { self.entry(entry.number, entry.id, $0, $1) } ?? ""
  }

  func end(_ entries: Int) -> String { "" }
}

extension GroupFile.FileEntry {
  /// Returns what the entry says now, and its postings; `nil` for one that is deleted or has no postings.
  func current(in group: ID) -> (content: EntryContent, postings: [Posting])? {
    guard let last = revisions.last, last.action != .deleted else { return nil }
    let postings = last.content.postings(group: group, entry: id)
    return postings.isEmpty ? nil : (last.content, postings)
  }
}
