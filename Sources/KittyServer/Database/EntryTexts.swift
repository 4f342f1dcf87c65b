import KittyShared

/// The row of `entry_texts` that filters search: the texts of an entry, folded, and marks of what it has and names.
struct EntryTexts: Equatable, Sendable {
  /// The texts of the content: see `EntryContent.filterText(tags:)`.
  let own: String
  /// The comments, each with a line feed behind it.
  let comments: String
  /// Words with a space at both ends: `items`, `note` and `receipt`, and for each account a `+` when it paid or sent and
  /// a `-` otherwise, with its id or `kitty`.
  let marks: String

  init(_ content: EntryContent, comments: [String] = []) {
    own = content.filterText(tags: content.allTags.sorted())
    self.comments = comments.map(Self.line).joined()
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

  private static func line(_ comment: String) -> String { comment.folded + "\n" }

  /// The statement that inserts texts, up to its first row.
  static let inserting: SQL = "insert into entry_texts (group_id, entry_id, own, comments, marks) values"

  /// Returns the row of an entry.
  func row(for entry: ID, in group: ID) -> SQL { "(\(group), \(entry), \(own), \(comments), \(marks))" }

  /// Returns the statement that writes the texts of an entry. The comments of an entry that has a row stay.
  func statement(for entry: ID, in group: ID) -> SQL {
    """
    \(part: Self.inserting) \(part: row(for: entry, in: group))
    on conflict (group_id, entry_id) do update set own = excluded.own, marks = excluded.marks
    """
  }

  /// Returns the statement that adds a comment to the texts of an entry.
  static func add(_ comment: String, to entry: ID, in group: ID) -> SQL {
    """
    update entry_texts set comments = comments || \(line(comment))
    where group_id = \(group) and entry_id = \(entry)
    """
  }

  /// Returns the statement that adds a comment to the texts of an entry, if the comment was written.
  static func add(_ comment: Comment, to entry: ID, in group: ID) -> SQL {
    """
    \(part: add(comment.text, to: entry, in: group)) and exists (
      select 1 from comments
      where group_id = \(group) and entry_id = \(entry) and id = \(comment.id))
    """
  }
}
