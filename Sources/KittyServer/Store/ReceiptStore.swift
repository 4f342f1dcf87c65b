import KittyShared

/// The rows of receipts whose files this server has.
struct ReceiptStore: Sendable {
  let database: any Database
  var limits = GroupLimits()

  /// A receipt in a zip file, with its entry.
  struct Listed: Sendable {
    let date: Day
    /// The number of the entry.
    let entry: Int64
    let receipt: Receipt
  }

  /// Returns an entry, also a deleted one, and its receipt with a number if the server has the file.
  func find(
    _ number: Int, of key: EntryKey, in group: ID
  ) async throws -> (content: EntryContent, receipt: Receipt?)? {
    let condition: SQL =
      switch key {
      case .id(let id): "e.id = \(id)"
      case .number(let number): "e.number = \(number)"
      }
    let rows = try await database.read([
      """
      select (select r.content from revisions r
        where r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version)
      from entries e where e.group_id = \(group) and \(part: condition)
      """,
      """
      select \(part: Self.columns) from entries e
      join entry_receipts f on f.group_id = e.group_id and f.entry_id = e.id and f.number = \(number)
      where e.group_id = \(group) and \(part: condition)
      """,
    ])
    guard let row = rows[0].first else { return nil }
    return (try EntryContent(stored: try row.decode(String.self)), try rows[1].first.map(Self.receipt))
  }

  /// Returns the receipts of the entries that are not deleted, by day, entry and number.
  /// - Parameter limit: The maximum number.
  func list(in group: ID, from: Day?, to: Day?, limit: Int) async throws -> [Listed] {
    try await database.read(
      """
      select e.date, e.number, \(part: Self.columns) from entries e
      join entry_receipts f on f.group_id = e.group_id and f.entry_id = e.id
      where e.group_id = \(group) and e.deleted_at is null and e.date >= \(from ?? Day.first)
        and e.date <= \(to ?? Day.last)
      order by e.date, e.number, f.number limit \(limit)
      """
    ).map { row in
      let (date, entry) = try Row(columns: Array(row.columns.prefix(2))).decode(Day.self, Int64.self)
      return Listed(
        date: date, entry: entry, receipt: try Self.receipt(Row(columns: Array(row.columns.dropFirst(2)))))
    }
  }

  /// Records that the file of a receipt is here which the current revision of an entry names: an imported entry has none.
  /// - Throws: `Rejection` when the group stores too much, or the entry was changed meanwhile.
  func insertFile(of receipt: Receipt, _ entry: Entry, in group: ID, _ write: WriteContext) async throws {
    let isCurrent: SQL = """
      exists (
        select 1 from entries e
        where e.group_id = \(group) and e.id = \(entry.id) and e.version = \(entry.version))
      """
    let row: SQL = "group_id = \(group) and entry_id = \(entry.id) and number = \(receipt.number)"
    let room: SQL = limits.bytes.map { "and bytes + \(receipt.bytes) <= \($0)" } ?? ""
    let rows = try await database.transact(
      [
        GroupStore.nextSequence(of: group),
        """
        update groups set bytes = bytes - coalesce((select sum(bytes) from entry_receipts where \(part: row)), 0)
        where id = \(group) and \(part: isCurrent)
        """,
        "delete from entry_receipts where \(part: row) and \(part: isCurrent)",
        """
        insert into entry_receipts (group_id, entry_id, number, hash, type, name, bytes)
        select id, \(entry.id), \(receipt.number), \(receipt.hash), \(receipt.type.rawValue), \(receipt.name),
          \(receipt.bytes)
        from groups where id = \(group) and \(part: isCurrent) \(part: room)
        returning number
        """,
        """
        update groups set bytes = bytes + \(receipt.bytes)
        where id = \(group) and \(part: isCurrent) and exists (select 1 from entry_receipts where \(part: row))
        """,
      ], in: write)
    guard rows[3].isEmpty else { return }
    let bytes = try await database.read("select bytes from groups where id = \(group)").first?
      .decode(Int64.self)
    let isFull = limits.bytes.map { (bytes ?? 0) + Int64(receipt.bytes) > $0 } ?? false
    throw isFull ? limits.quotaExceeded : Rejection.groupChanged
  }

  // MARK: Statements of a revision

  /// Returns the statements that write the receipts of an entry, count their bytes, and have the files removed that the
  /// entry does not have any more.
  /// - Parameters:
  ///   - old: The receipts that it has.
  ///   - new: The receipts that it gets.
  static func replace(
    _ old: [Receipt], by new: [Receipt], of entry: ID, in group: ID, at now: Instant
  ) -> [SQL] {
    let gone = old.filter { !new.contains($0) }
    let added = new.filter { !old.contains($0) }
    guard !gone.isEmpty || !added.isEmpty else { return [] }
    var statements: [SQL] = []
    if !gone.isEmpty {
      let numbers: [SQL] = gone.map { "\($0.number)" }
      let rows: SQL = "group_id = \(group) and entry_id = \(entry) and number in (\(list: numbers))"
      statements.append(
        """
        update groups set bytes = bytes - coalesce((select sum(bytes) from entry_receipts where \(part: rows)), 0)
        where id = \(group)
        """)
      statements.append("delete from entry_receipts where \(part: rows)")
      statements += gone.map { JobStore.enqueueRemoval(ofReceipt: $0.hash, at: now) }
    }
    if !added.isEmpty {
      let rows: [SQL] = added.map {
        "(\(group), \(entry), \($0.number), \($0.hash), \($0.type.rawValue), \($0.name), \($0.bytes))"
      }
      statements.append(
        "update groups set bytes = bytes + \(added.reduce(0) { $0 + $1.bytes }) where id = \(group)")
      statements.append(
        "insert into entry_receipts (group_id, entry_id, number, hash, type, name, bytes) values \(list: rows)"
      )
    }
    return statements
  }

  /// Returns the bytes that a revision adds.
  static func addedBytes(from old: [Receipt], to new: [Receipt]) -> Int64 {
    new.filter { !old.contains($0) }.reduce(0) { $0 + Int64($1.bytes) }
  }

  private static let columns: SQL = "f.number, f.name, f.type, f.bytes, f.hash"

  /// Decodes the columns of a receipt.
  static func receipt(_ row: Row) throws -> Receipt {
    let (number, name, type, bytes, hash) = try row.decode(
      Int.self, String.self, String.self, Int.self, String.self)
    guard let type = Receipt.MediaType(rawValue: type) else {
      throw DatabaseFailure.fault("unknown type of a receipt")
    }
    return Receipt(number: number, name: name, type: type, bytes: bytes, hash: hash)
  }
}
