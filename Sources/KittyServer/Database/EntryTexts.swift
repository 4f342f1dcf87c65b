import KittyShared

/// The row of `entry_texts` that filters search: the texts of an entry, folded, and marks of what it has and names.
struct EntryTexts: Equatable, Sendable {
  /// The texts of the content: see `EntryContent.filterText(tags:)`.
  let own: String
  /// Words with a space at both ends: `items`, `note` and `receipt`, and for each account a `+` when it paid or sent and
  /// a `-` otherwise, with its id or `kitty`.
  let marks: String

  init(_ content: EntryContent) {
    own = content.filterText(tags: content.allTags.sorted())
    var words: [String] = []
    if content.split?.items != nil { words.append("items") }
    if content.note != nil { words.append("note") }
    if content.receipts != nil { words.append("receipt") }
    let paying = Set(content.payingAccounts)
    let named = Set(content.namedAccounts).map { Self.mark($0, isPaying: paying.contains($0)) }
    marks = " \((words + named.sorted()).joined(separator: " ")) "
  }

  /// The mark of an account that an entry names.
  static func mark(_ account: LedgerAccount, isPaying: Bool) -> String {
    (isPaying ? "+" : "-") + name(of: account)
  }

  /// The name of an account in the marks.
  static func name(of account: LedgerAccount) -> String { account.member.map { "\($0)" } ?? "kitty" }

  /// The texts of a row `t` on PostgreSQL without the date, which is the last line: it has 20 or 21 characters, and a line feed
  /// at both ends. The index has these. The trigrams of dates would be a third of it, and find too many entries.
  static let undated: SQL = "left(t.own, -22)"

  /// Returns `false` for a text that the date of no entry has: see `EntryContent.filterText(tags:)`.
  static func mayBeInDate(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { dateLetters.contains($0) }
      && text.split(whereSeparator: { $0 == " " || $0 == "-" }).allSatisfy { word in
        word.count < 3 || dateWords.contains { $0.contains(word) }
      }
  }

  /// The words of dates with three letters and more. No entry has a date before 1900, or above ten years ahead.
  private static let dateWords =
    (1900..<2100).map { "\($0)" } + Weekday.allCases.map(\.short.folded)
    + (0..<12).map { Day.first.moved(by: 31 * $0).shortMonth.folded }
  private static let dateLetters = Set("0123456789- \(dateWords.joined())".unicodeScalars)

  /// The statement that inserts texts, up to its first row.
  static let inserting: SQL = "insert into entry_texts (group_id, entry_id, own, marks) values"

  /// Returns the row of an entry.
  func row(for entry: ID, in group: ID) -> SQL { "(\(group), \(entry), \(own), \(marks))" }

  /// Returns the statement that writes the texts of a new entry, which has none. On PostgreSQL it takes less time than one that
  /// looks for them.
  func insertion(for entry: ID, in group: ID) -> SQL {
    "\(part: Self.inserting) \(part: row(for: entry, in: group))"
  }

  /// Returns the statement that writes the texts of an entry.
  func statement(for entry: ID, in group: ID) -> SQL {
    """
    \(part: Self.inserting) \(part: row(for: entry, in: group))
    on conflict (group_id, entry_id) do update set own = excluded.own, marks = excluded.marks
    """
  }

  /// Returns the statement that writes the texts of an entry where a condition holds.
  func statement(for entry: ID, in group: ID, where condition: SQL) -> SQL {
    """
    insert into entry_texts (group_id, entry_id, own, marks)
    select id, \(entry), \(own), \(marks) from groups where id = \(group) and \(part: condition)
    on conflict (group_id, entry_id) do update set own = excluded.own, marks = excluded.marks
    """
  }
}

/// The row of `comment_texts` that filters search: a folded comment. Each comment has a row of its own, so that one more
/// costs the same however many there are.
struct CommentText: Equatable, Sendable {
  /// The folded comment.
  let text: String

  init(_ comment: String) { text = comment.folded }

  /// The statement that inserts texts, up to its first row.
  static let inserting: SQL = "insert into comment_texts (group_id, entry_id, comment_id, text) values"

  /// Returns the row of a comment.
  func row(for comment: ID, on entry: ID, in group: ID) -> SQL {
    "(\(group), \(entry), \(comment), \(text))"
  }

  /// Returns the statement that writes the text of a comment, if the comment was written.
  func statement(for comment: ID, on entry: ID, in group: ID) -> SQL {
    """
    insert into comment_texts (group_id, entry_id, comment_id, text)
    select group_id, entry_id, id, \(text) from comments
    where group_id = \(group) and entry_id = \(entry) and id = \(comment)
    on conflict (group_id, entry_id, comment_id) do update set text = excluded.text
    """
  }
}
