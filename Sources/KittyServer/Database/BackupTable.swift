/// A table of the schema, for backup and restore.
struct BackupTable: Sendable {
  let name: StaticString
  /// All columns; those of the primary key first.
  let columns: [Column]
  /// Number of columns of the primary key.
  let keyCount: Int
  /// Rows with equal values in this number of first columns are inserted by one statement; 0 for rows that can be
  /// inserted one by one.
  let together: Int
  /// The rows that are written to a backup; `nil` for all.
  let condition: SQL?

  struct Column: Sendable {
    let name: StaticString
    let kind: Kind
  }

  /// The type of a column's values.
  enum Kind: String, Sendable, Codable {
    case id, text, integer, date
  }

  init(
    _ name: StaticString, key: [Column], _ columns: [Column], together: Int = 0, where condition: SQL? = nil
  ) {
    self.name = name
    self.columns = key + columns
    keyCount = key.count
    self.together = together
    self.condition = condition
  }

  /// The column with this name, also one of an older schema.
  func column(_ name: String) -> Column? { columns.first { "\($0.name)" == name } }

  /// Reads the rows after the row with this key, in the order of the key.
  func rows(after key: [SQL.Value]?, limit: Int) -> SQL {
    let names = columns.map { "\(name: $0.name)" as SQL }
    let keys = Array(names.prefix(keyCount))
    var conditions: SQL = "\(part: condition ?? "1 = 1")"
    if let key {
      conditions = "\(part: conditions) and (\(list: keys)) > (\(list: key.map { "\($0)" as SQL }))"
    }
    return """
      select \(list: names) from \(name: name) where \(part: conditions) order by \(list: keys) limit \(limit)
      """
  }
}

extension BackupTable.Column {
  static func id(_ name: StaticString) -> Self { Self(name: name, kind: .id) }
  static func text(_ name: StaticString) -> Self { Self(name: name, kind: .text) }
  static func integer(_ name: StaticString) -> Self { Self(name: name, kind: .integer) }
  static func date(_ name: StaticString) -> Self { Self(name: name, kind: .date) }
}

extension BackupTable {
  /// All tables with data, in the order of their restore: referenced tables first, but postings before revisions, as
  /// the triggers require. A column that a later schema drops stays here for the archives that have it.
  static let all: [BackupTable] = [
    BackupTable(
      "users", key: [.id("id")],
      [
        .text("name"), .text("display_name"), .text("password_hash"), .text("photo_hash"),
        .integer("photo_width"), .integer("photo_height"), .integer("created_at"), .text("email"),
        .text("currency"), .text("time_zone"), .integer("disabled_at"), .integer("version"),
        .integer("email_confirmed_at"), .text("group_invite"),
      ]),
    BackupTable(
      "sessions", key: [.id("id")],
      [
        .text("token_hash"), .id("user_id"), .integer("created_at"), .integer("expires_at"), .text("device"),
        .integer("used_at"), .id("key_id"), .text("client"),
      ]),
    BackupTable(
      "tokens", key: [.id("id")],
      [
        .text("token_hash"), .id("user_id"), .text("name"), .text("scopes"), .id("group_id"),
        .integer("created_at"), .integer("expires_at"), .integer("used_at"),
      ]),
    BackupTable(
      "ssh_keys", key: [.id("id")],
      [
        .id("user_id"), .text("name"), .text("type"), .text("fingerprint"), .integer("created_at"),
        .integer("used_at"),
      ]),
    BackupTable(
      "second_factors", key: [.id("user_id")],
      [.text("secret"), .integer("enabled_at"), .integer("last_step")]),
    BackupTable(
      "account_files", key: [.id("user_id"), .text("name")],
      [.text("content"), .id("session_id"), .integer("saved_at")]),
    // They work for a few minutes, so an archive has none.
    BackupTable(
      "upload_addresses", key: [.text("token_hash")],
      [.id("user_id"), .id("group_id"), .id("entry_id"), .id("session_id"), .integer("expires_at")],
      where: "1 = 0"),
    // They work for two minutes, so an archive has none.
    BackupTable(
      "sign_in_challenges", key: [.text("challenge_hash")], [.integer("expires_at")], where: "1 = 0"),
    BackupTable("recovery_codes", key: [.id("user_id"), .text("code_hash")], []),
    BackupTable(
      "sign_up_invites", key: [.text("code_hash")],
      [.integer("created_at"), .integer("expires_at"), .id("used_by")]),
    BackupTable(
      "password_resets", key: [.text("token_hash")], [.id("user_id"), .integer("expires_at"), .id("used_by")]),
    BackupTable("device_tokens", key: [.text("token_hash")], [.id("user_id"), .integer("expires_at")]),
    BackupTable(
      "email_confirmations", key: [.text("token_hash")],
      [.id("user_id"), .text("email_hash"), .integer("expires_at")]),
    BackupTable(
      "groups", key: [.id("id")],
      [
        .text("name"), .text("currency"), .text("photo_hash"), .integer("photo_width"),
        .integer("photo_height"), .integer("created_at"), .integer("archived_at"), .date("closed_until"),
        .integer("deleted_at"), .integer("version"), .integer("last_number"), .integer("own_entries_only"),
        .integer("sequence"), .integer("first_sequence"), .integer("bytes"), .integer("importing"),
        .text("default_split"), .integer("removed_numbers"),
      ]),
    BackupTable(
      "accounts", key: [.id("group_id"), .id("id")],
      [
        .text("kind"), .text("name"), .text("name_key"), .id("user_id"), .text("role"), .integer("weight"),
        .integer("created_at"), .integer("removed_at"), .integer("version"), .integer("sequence"),
        .integer("removed_sequence"), .text("iban"),
      ]),
    BackupTable(
      "invites", key: [.id("group_id"), .id("id")],
      [
        .text("secret"), .text("role"), .id("guest_id"), .integer("max_uses"), .integer("uses"),
        .id("last_use"), .id("created_by"), .integer("created_at"), .integer("expires_at"),
        .integer("sequence"),
      ]),
    BackupTable(
      "targets", key: [.id("group_id"), .id("account_id"), .text("currency")], [.integer("amount")]),
    BackupTable(
      "categories", key: [.id("group_id"), .id("id")],
      [
        .text("name"), .text("name_key"), .id("parent_id"), .integer("created_at"), .integer("archived_at"),
        .integer("removed_at"), .id("removed_into"), .integer("version"), .integer("sequence"),
      ]),
    BackupTable(
      "recurring", key: [.id("group_id"), .id("id")],
      [
        .text("template"), .date("anchor"), .integer("first_k"), .integer("step"), .text("unit"),
        .integer("day_of_month"), .date("until_day"), .integer("times"), .text("zone"), .text("mode"),
        .integer("next_k"), .date("due_on"), .text("held_code"), .text("held_message"), .integer("held_at"),
        .text("series_key"), .integer("series_turns"), .id("created_by"), .integer("created_at"),
        .integer("removed_at"), .integer("version"), .integer("sequence"),
      ]),
    BackupTable(
      "occurrences", key: [.id("group_id"), .id("rule_id"), .integer("k")],
      [.date("date"), .text("state"), .text("reason"), .id("entry_id"), .integer("at")]),
    BackupTable("entry_categories", key: [.id("group_id"), .id("entry_id"), .id("category_id")], []),
    BackupTable(
      "entry_texts", key: [.id("group_id"), .id("entry_id")], [.text("own"), .text("marks")]),
    BackupTable(
      "comment_texts", key: [.id("group_id"), .id("entry_id"), .id("comment_id")], [.text("text")]),
    BackupTable(
      "spending",
      key: [.id("group_id"), .integer("month"), .id("category_id"), .text("currency"), .id("entry_id")],
      [.date("date"), .text("kind"), .integer("categories"), .text("tags"), .integer("amount")]),
    BackupTable(
      "entry_receipts", key: [.id("group_id"), .id("entry_id"), .integer("number")],
      [.text("hash"), .text("type"), .text("name"), .integer("bytes")]),
    BackupTable(
      "balances", key: [.id("group_id"), .id("account_id"), .text("currency")],
      [.integer("paid"), .integer("share"), .integer("sent"), .integer("received")]),
    BackupTable(
      "postings", key: [.id("group_id"), .id("entry_id"), .integer("revision"), .integer("line")],
      [.id("account_id"), .text("kind"), .text("currency"), .integer("amount")], together: 3),
    BackupTable(
      "revisions", key: [.id("group_id"), .id("entry_id"), .integer("revision")],
      [
        .text("action"), .id("made_by"), .integer("made_at"), .integer("lines"), .text("content"),
        .integer("sequence"),
      ]),
    BackupTable(
      "entries", key: [.id("group_id"), .id("id")],
      [
        .integer("number"), .text("kind"), .text("description"), .integer("amount"), .text("currency"),
        .date("date"), .id("created_by"), .integer("created_at"), .integer("changed_at"),
        .integer("deleted_at"), .integer("version"), .integer("sequence"), .id("refund_of"),
      ]),
    BackupTable(
      "imports", key: [.id("group_id"), .id("id")],
      [
        .text("format"), .text("state"), .id("created_by"), .integer("created_at"), .integer("touched_at"),
        .integer("last_number"), .text("members"), .text("categories"), .integer("wished"), .text("names"),
      ]),
    BackupTable(
      "imported_entries", key: [.id("group_id"), .id("entry_id")], [.id("import_id")]),
    BackupTable(
      "settlements", key: [.id("group_id"), .id("id")],
      [
        .id("created_by"), .integer("created_at"), .integer("ended_at"), .text("kept"), .text("methods"),
        .integer("sequence"),
      ]),
    BackupTable(
      "settlement_payments", key: [.id("group_id"), .id("settlement_id"), .integer("number")],
      [.id("from_id"), .id("to_id"), .text("currency"), .integer("amount"), .id("entry_id")]),
    BackupTable(
      "comments", key: [.id("group_id"), .id("entry_id"), .id("id")],
      [.text("text"), .id("created_by"), .integer("created_at"), .integer("sequence")]),
    // On PostgreSQL a key may outlive its user; SQLite rejects a key without a user.
    BackupTable(
      "idempotency_keys", key: [.id("user_id"), .text("key")],
      [
        .text("fingerprint"), .id("made"), .integer("status"), .text("headers"), .text("body"),
        .integer("created_at"),
      ], where: "exists (select 1 from users u where u.id = idempotency_keys.user_id)"),
    BackupTable(
      "jobs", key: [.id("id")],
      [
        .text("kind"), .text("payload"), .integer("run_at"), .integer("attempts"), .integer("leased_until"),
        .text("last_error"), .integer("dead_at"), .integer("created_at"), .id("lease"), .text("worker"),
      ], where: "kind <> 'photo.convert'"),
    // Requests that wait for a photo, and workers, belong to the installation that was backed up.
    BackupTable(
      "photo_conversions", key: [.id("id")], [.integer("created_at"), .text("outcome"), .text("purpose")],
      where: "1 = 0"),
    BackupTable(
      "workers", key: [.text("name")],
      [.text("host"), .integer("process"), .integer("started_at"), .integer("beat_at")], where: "1 = 0"),
    BackupTable(
      "schedules", key: [.text("kind")],
      [.integer("next_at"), .id("last_job"), .integer("done_at"), .integer("result")]),
  ]
}
