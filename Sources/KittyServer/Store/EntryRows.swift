import KittyShared

/// The rows of imported entries, in few large statements. A row is kept only once: an import may have hundreds of
/// thousands.
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

  private var pieces = [Piece()]
  /// The postings of the current revisions.
  private var current: [Posting] = []

  /// The number of entries, which is the number of changes in the change sequence.
  private var count = 0
  /// The bytes of all rows, as a quota counts them.
  private(set) var bytes: Int64 = 0

  /// Maximum number of postings in a statement, each with eight parameters.
  private static let maxPostings = SQL.maxParameters / 8
  /// The number of rows with which a piece ends: some ten milliseconds of the writer of SQLite.
  private static let rowsOfPiece = 1000

  init(group: ID, after base: Int64? = nil) { (self.group, self.base) = (group, base) }

  /// - Throws: `Rejection.invalid` for more postings of one revision than a statement holds.
  mutating func add(_ entry: GroupFile.FileEntry) throws {
    count += 1
    guard let first = entry.revisions.first, let last = entry.revisions.last else { return }
    let sequence: SQL =
      base.map { "\($0 + Int64(count))" } ?? "\(count) + (select sequence from groups where id = \(group))"
    if pieces[pieces.count - 1].count >= Self.rowsOfPiece { pieces.append(Piece()) }
    let piece = pieces.count - 1
    var lastPostings: [Posting] = []
    for (index, revision) in entry.revisions.enumerated() {
      let version = Int64(index + 1)
      lastPostings =
        revision.action == .deleted ? [] : revision.content.postings(group: group, entry: entry.id)
      try add(lastPostings, entry.id, version)
      let stored = try revision.content.stored()
      bytes += GroupBytes.of(content: stored, postings: lastPostings.count)
      pieces[piece].count += lastPostings.count + 1
      pieces[piece].revisions.add(
        """
        (\(group), \(entry.id), \(version), \(revision.action.stored), \(revision.by), \(revision.at),
          \(lastPostings.count), \(stored), \(part: sequence))
        """)
    }
    current += lastPostings
    let content = last.content
    let spending =
      last.action == .deleted ? [] : content.spendingRows(group: group, entry: entry.id)
    pieces[piece].count += 2 + 2 * entry.comments.count + content.categories.count + spending.count
    pieces[piece].entries.add(
      """
      (\(group), \(entry.id), \(entry.number), \(content.kind.rawValue), \(content.description),
        \(content.amount), \(content.currency), \(content.date), \(first.by), \(first.at), \(last.at),
        \(last.action == .deleted ? last.at : nil), \(entry.revisions.count),
        \(content.refundOf), \(part: sequence))
      """)
    for category in content.categories.sorted() {
      pieces[piece].categories.add(CategoryStore.rowOfEntry(entry.id, category, in: group))
    }
    pieces[piece].texts.add(EntryTexts(content).row(for: entry.id, in: group))
    for row in spending {
      pieces[piece].spending.add(SpendingStore.row(row, of: entry.id, in: group))
    }
    for comment in entry.comments {
      bytes += GroupBytes.of(comment: comment.text)
      pieces[piece].comments.add(
        """
        (\(group), \(entry.id), \(comment.id), \(comment.text), \(comment.by), \(comment.at), \(part: sequence))
        """)
      pieces[piece].commentTexts.add(CommentText(comment.text).row(for: comment.id, on: entry.id, in: group))
    }
  }

  private mutating func add(_ postings: [Posting], _ entry: ID, _ version: Int64) throws(Rejection) {
    guard postings.count <= Self.maxPostings else {
      throw .invalid(
        "entries.\(count - 1)", "too_many",
        "An entry must have at most \(Self.maxPostings) payers and participants together.")
    }
    pieces[pieces.count - 1].postings.add(together: EntryStore.rows(of: postings, group, entry, version))
  }

  /// The statements that insert the rows, in pieces that can be written one after the other.
  var statements: [[SQL]] { pieces.map(\.statements) }

  /// Returns the statements that add the balances, advance the change sequence and set the bytes of the group.
  /// - Throws: `Amount.Failure.overflow`.
  func end() throws(Amount.Failure) -> [SQL] {
    let changes = try BalanceChange.changes(from: [], to: current)
    return changes.chunks(of: 1000).map { BalanceStore.add($0, in: group) } + [
      "update groups set sequence = sequence + \(count), bytes = \(bytes) where id = \(group)"
    ]
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
