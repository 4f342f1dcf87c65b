import KittyShared

/// The part of an audit that compares what filters find entries by with the entries and comments themselves.
struct AuditedTexts: Sendable {
  let store: AuditStore

  /// An entry that filters find by other words or categories than it has, or do not find by those that it has.
  enum Wrong: Sendable {
    /// The row of an entry, or its categories, with what should be there.
    case entry(StoredEntryTexts, EntryTexts, Set<ID>)
    /// A comment.
    case comment(StoredCommentText)
    /// Texts of what does not exist.
    case withoutOwner(EntryOfGroup)
  }

  /// The number of rows that are read at a time.
  private static let pageSize = 500

  /// Returns a finding for each wrong row.
  func findings() async throws -> [Audit.Finding] {
    var findings: [Audit.Finding] = []
    try await forEachPage { wrong in findings += wrong.flatMap(\.findings) }
    return findings
  }

  /// Writes wrong rows again, except in groups that are being imported.
  /// - Returns: The groups that had some.
  func repair(_ write: WriteContext) async throws -> Set<ID> {
    let incomplete = try await store.incomplete()
    var groups: Set<ID> = []
    try await forEachPage { wrong in
      var comments: [StoredCommentText] = []
      for wrong in wrong where !incomplete.contains(wrong.group) {
        groups.insert(wrong.group)
        switch wrong {
        case .entry(let stored, let texts, let categories):
          try await store.repair(texts, categories, of: stored, write)
        case .comment(let stored): comments.append(stored)
        case .withoutOwner(let key): try await store.removeTextsWithoutOwner(of: key, write)
        }
      }
      if !comments.isEmpty { try await store.repair(comments, write) }
    }
    return groups
  }

  /// Runs `body` for the wrong rows of each page. O(entries and comments).
  private func forEachPage(_ body: ([Wrong]) async throws -> Void) async throws {
    var entry = EntryOfGroup.first
    while true {
      let rows = try await store.texts(after: entry, limit: Self.pageSize)
      try await body(rows.compactMap(Self.wrong))
      guard let last = rows.last?.key else { break }
      entry = last
    }
    var comment = CommentOfEntry.first
    while true {
      let rows = try await store.commentTexts(after: comment, limit: Self.pageSize)
      try await body(rows.filter { $0.text != CommentText($0.comment).text }.map { .comment($0) })
      guard let last = rows.last?.key else { break }
      comment = last
    }
    try await body(store.textsWithoutOwner().map { .withoutOwner($0) })
  }

  /// Returns the row of an entry when it is wrong. A content that cannot be read is a finding of its own.
  private static func wrong(_ stored: StoredEntryTexts) -> Wrong? {
    guard let content = try? EntryContent(stored: stored.content) else { return nil }
    let (texts, categories) = (EntryTexts(content), content.categories)
    let isRight = texts.own == stored.texts?.own && texts.marks == stored.texts?.marks
    return isRight && categories == stored.categories ? nil : .entry(stored, texts, categories)
  }
}

extension AuditedTexts.Wrong {
  fileprivate var group: ID {
    switch self {
    case .entry(let stored, _, _): stored.key.group
    case .comment(let stored): stored.key.entry.group
    case .withoutOwner(let key): key.group
    }
  }

  fileprivate var findings: [Audit.Finding] {
    var texts: [String] = []
    switch self {
    case .entry(let stored, let expected, let categories):
      if expected.own != stored.texts?.own || expected.marks != stored.texts?.marks {
        texts.append("entry #\(stored.number) is found by other words than its latest version has")
      }
      if categories != stored.categories {
        texts.append("entry #\(stored.number) is found by other categories than its latest version says")
      }
    case .comment(let stored):
      texts.append("a comment on entry \(stored.key.entry.entry) is found by other words than it has")
    case .withoutOwner(let key):
      texts.append("entry \(key.entry) is found by words of what does not exist")
    }
    return texts.map { Audit.Finding(group: group, text: $0) }
  }
}
