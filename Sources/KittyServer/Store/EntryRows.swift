import KittyShared

/// The rows of imported entries, in few large statements. They are taken piece by piece: an import may have hundreds of thousands.
struct EntryRows {
  let group: ID
  /// The last number of the change sequence before the first entry; `nil` takes it from the row of the group.
  private let base: Int64?
  /// Rows that can be written in a transaction of their own: entries with all that belongs to them.
  private struct Piece {
    var entries = RowList(
      """
      insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by,
        created_at, changed_at, deleted_at, version, refund_of, sequence) values
      """)
    var revisions = RowList(
      """
      insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content, sequence) values
      """)
    var comments = RowList(
      "insert into comments (group_id, entry_id, id, text, created_by, created_at, sequence) values")
    var categories = RowList(CategoryStore.insertingEntries)
    var texts = RowList(EntryTexts.inserting)
    var commentTexts = RowList(CommentText.inserting)
    var spending = RowList(SpendingStore.inserting)
    /// PostgreSQL checks the sum of the postings after each statement, so the postings of one revision are never in two
    /// statements.
    var postings = RowList(EntryStore.insertingPostings, rows: EntryRows.maxPostings)
    /// The number of rows.
    var count = 0

    var statements: [SQL] {
      postings.statements + entries.statements + revisions.statements + comments.statements
        + categories.statements + texts.statements + commentTexts.statements + spending.statements
    }
  }

  private var piece = Piece()
  /// The number of entries so far.
  private var count = 0

  /// Maximum number of postings in a statement, each with eight parameters.
  private static let maxPostings = SQL.maxParameters / 8
  /// The number of rows with which a piece ends: some ten milliseconds of the writer of SQLite.
  private static let rowsOfPiece = 300

  init(group: ID, after base: Int64? = nil) { (self.group, self.base) = (group, base) }

  /// `true` when the rows should be taken before the next entry is added.
  var isFull: Bool { piece.count >= Self.rowsOfPiece }

  /// Returns the statements that insert the rows since the last call. They can be written in a transaction of their own.
  mutating func take() -> [SQL] {
    defer { piece = Piece() }
    return piece.statements
  }

  /// - Throws: `Rejection.invalid` for more postings of one revision than a statement holds.
  mutating func add(_ entry: GroupFile.FileEntry) throws {
    count += 1
    guard let first = entry.revisions.first, let last = entry.revisions.last else { return }
    let sequence: SQL =
      base.map { "\($0 + Int64(count))" } ?? "\(count) + (select sequence from groups where id = \(group))"
    for (index, revision) in entry.revisions.enumerated() {
      let version = Int64(index + 1)
      let postings = revision.postings(group: group, entry: entry.id)
      try add(postings, entry.id, version)
      piece.count += postings.count + 1
      piece.revisions.add(
        """
        (\(group), \(entry.id), \(version), \(revision.action.stored), \(revision.by), \(revision.at),
          \(postings.count), \(try revision.content.stored()), \(part: sequence))
        """)
    }
    let content = last.content
    let spending =
      last.action == .deleted ? [] : content.spendingRows(group: group, entry: entry.id)
    piece.count += 2 + 2 * entry.comments.count + content.categories.count + spending.count
    piece.entries.add(
      """
      (\(group), \(entry.id), \(entry.number), \(content.kind.rawValue), \(content.description),
        \(content.amount), \(content.currency), \(content.date), \(first.by), \(first.at), \(last.at),
        \(last.action == .deleted ? last.at : nil), \(entry.revisions.count),
        \(content.refundOf), \(part: sequence))
      """)
    for category in content.categories.sorted() {
      piece.categories.add(CategoryStore.rowOfEntry(entry.id, category, in: group))
    }
    piece.texts.add(EntryTexts(content).row(for: entry.id, in: group))
    for row in spending {
      piece.spending.add(SpendingStore.row(row, of: entry.id, in: group))
    }
    for comment in entry.comments {
      piece.comments.add(
        """
        (\(group), \(entry.id), \(comment.id), \(comment.text), \(comment.by), \(comment.at), \(part: sequence))
        """)
      piece.commentTexts.add(CommentText(comment.text).row(for: comment.id, on: entry.id, in: group))
    }
  }

  private mutating func add(_ postings: [Posting], _ entry: ID, _ version: Int64) throws(Rejection) {
    guard postings.count <= Self.maxPostings else {
      throw .invalid(
        "entries.\(count - 1)", "too_many",
        "An entry must have at most \(Self.maxPostings) payers and participants together.")
    }
    piece.postings.add(together: EntryStore.rows(of: postings, group, entry, version))
  }
}

/// The sums of imported entries, which the group has at the end.
struct EntrySums: Sendable {
  private let group: ID
  private var changes = BalanceSums()
  /// The number of entries, which is the number of changes in the change sequence.
  private var count = 0
  /// The bytes of all rows, as a quota counts them.
  private(set) var bytes: Int64 = 0

  init(of group: ID) { self.group = group }

  /// - Throws: `Amount.Failure.overflow`; the error of a content that cannot be stored.
  mutating func add(_ entry: GroupFile.FileEntry) throws {
    count += 1
    for revision in entry.revisions {
      let postings = revision.postings(group: group, entry: entry.id).count
      bytes += GroupBytes.of(content: try revision.content.stored(), postings: postings)
    }
    for comment in entry.comments { bytes += GroupBytes.of(comment: comment.text) }
    if let last = entry.revisions.last { try changes.add(last.postings(group: group, entry: entry.id)) }
  }

  /// The statements that add the balances, advance the change sequence and set the bytes of the group.
  var statements: [SQL] {
    changes.all.chunks(of: 1000).map { BalanceStore.add($0, in: group) } + [
      "update groups set sequence = sequence + \(count), bytes = \(bytes) where id = \(group)"
    ]
  }
}

extension GroupFile.FileRevision {
  /// The postings of the revision; none of a deletion.
  fileprivate func postings(group: ID, entry: ID) -> [Posting] {
    action == .deleted ? [] : content.postings(group: group, entry: entry)
  }
}

/// Rows of a table, in statements of a limited number of rows.
private struct RowList {
  private let start: SQL
  private let maxRows: Int
  private(set) var statements: [SQL] = []
  /// The number of rows in the last statement.
  private var count = 0

  /// - Parameters:
  ///   - start: The statement up to its first row.
  ///   - rows: The number of rows in a statement. SQLite compares the parameter of each subquery with those of all
  ///     before it, so a thousand rows with one take six times as long as ten statements of a hundred.
  init(_ start: SQL, rows: Int = 100) {
    self.start = start
    maxRows = rows
  }

  mutating func add(_ row: SQL) { add(together: [row]) }

  /// Adds rows to one statement.
  mutating func add(together rows: [SQL]) {
    if statements.isEmpty || count + rows.count > maxRows {
      guard !rows.isEmpty else { return }
      statements.append(start)
      count = 0
    }
    for row in rows {
      statements[statements.count - 1].append(count == 0 ? " " : ", ")
      statements[statements.count - 1].append(row)
      count += 1
    }
  }
}
