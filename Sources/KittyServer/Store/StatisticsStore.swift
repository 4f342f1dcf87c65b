import KittyShared

/// The queries of statistics: sums of the rows of `spending`, and of the postings where accounts are told apart.
struct StatisticsStore: Sendable {
  let database: any Database

  /// Returns the statistics of a group. O(entries), with sums in the database.
  /// - Parameter currency: The currency of the group.
  /// - Throws: `Rejection` for too many rows.
  func statistics(_ query: StatisticsQuery, in group: ID, currency: Currency) async throws -> Statistics {
    var table = StatisticsTable(by: query.by, from: query.from, to: query.to, currency: currency)
    guard query.isByAccount else {
      for row in try await database.read(sums(query, in: group)) {
        let sum = try Self.sum(row, query, in: group)
        try table.add(sum)
        if sum.kind == .expense { try table.addTotal(sum.spent, sum.entries, sum.currency) }
      }
      return try table.statistics()
    }
    let isDivided = query.by.contains(.category)
    let rows = try await database.read(
      [totals(query, in: group), accountSums(query, in: group)]
        + (isDivided ? [divided(query, in: group)] : []))
    for row in rows[0] {
      let (currency, spent, count) = try row.decode(Currency.self, Int64.self, Int64.self)
      try table.addTotal(spent, count, currency)
    }
    for row in rows[1] { try table.add(try Self.accountSum(row, query, in: group)) }
    for row in isDivided ? rows[2] : [] {
      for sum in try Self.cells(row, query) { try table.add(sum) }
    }
    return try table.statistics()
  }

  /// The conditions on the rows (`s`) of a query.
  private func conditions(_ query: StatisticsQuery, in group: ID) -> SQL {
    let kinds: [SQL] = query.kinds.map { "\($0.rawValue)" }
    var conditions: SQL = "s.group_id = \(group) and s.kind in (\(list: kinds))"
    if let from = query.from {
      let month = CalendarUnit.month.number(of: from)
      conditions = "\(part: conditions) and s.month >= \(month) and s.date >= \(from)"
    }
    if let to = query.to {
      let month = CalendarUnit.month.number(of: to)
      conditions = "\(part: conditions) and s.month <= \(month) and s.date <= \(to)"
    }
    if let filter = query.filter {
      let condition = FilterConditions(dialect: database.dialect).condition(filter)
      conditions = """
        \(part: conditions) and exists (
          select 1 \(part: EntrySearch.withTexts)
          where e.group_id = s.group_id and e.id = s.entry_id and \(part: condition))
        """
    }
    return conditions
  }

  /// The columns of a sum, by which the rows are grouped: time, category, tags, kind.
  private static func columns(_ query: StatisticsQuery, withCategory: Bool) -> (selected: SQL, grouped: SQL) {
    let time: SQL = query.unit.isByDay ? "s.date" : "s.month"
    let category: SQL = withCategory ? "s.category_id" : "s.group_id"
    var grouped: SQL = "\(part: time), \(part: category)"
    let hasTags = query.by.contains(.tag)
    if hasTags { grouped = "\(part: grouped), s.tags" }
    let hasKind = query.by.contains(.kind)
    if hasKind { grouped = "\(part: grouped), s.kind" }
    return (
      selected: """
      \(part: time), \(part: category), \(part: hasTags ? "s.tags" : "''"),
        \(part: hasKind ? "s.kind" : "'expense'")
      """, grouped: grouped
    )
  }

  private func sums(_ query: StatisticsQuery, in group: ID) -> SQL {
    // By month, the rows are in this order in their key, and need not be sorted.
    let columns = Self.columns(query, withCategory: !query.unit.isByDay || query.by.contains(.category))
    return """
      select \(part: columns.selected), s.currency, sum(s.amount), count(*),
        sum(case when s.categories > 0 then 1 else 0 end)
      from spending s where \(part: conditions(query, in: group))
      group by \(part: columns.grouped), s.currency
      """
  }

  private static func sum(_ row: Row, _ query: StatisticsQuery, in group: ID) throws -> SpendingSum {
    var reader = row.reader
    let head = try head(&reader, query, in: group)
    var sum = SpendingSum(
      unit: head.unit, category: head.category, tags: head.tags, kind: head.kind, currency: try reader.next())
    sum.spent = try reader.next()
    sum.parts = try reader.next()
    sum.entries = try reader.next()
    return sum
  }

  private typealias Head = (unit: Int64, category: ID?, tags: [String], kind: EntryContent.Kind)

  /// Decodes the columns by which rows are grouped.
  private static func head(_ reader: inout RowReader, _ query: StatisticsQuery, in group: ID) throws -> Head {
    let unit: Int64
    if query.unit.isByDay {
      unit = (query.unit ?? .day).number(of: try reader.next())
    } else {
      let month: Int64 = try reader.next()
      unit = query.unit == .year ? month / 12 : month
    }
    let category: ID = try reader.next()
    let tags: String = try reader.next()
    return (unit, category == group ? nil : category, try Self.tags(tags), try Self.kind(try reader.next()))
  }

  private static func tags(_ text: String) throws -> [String] { text.split(separator: " ").map(String.init) }

  private static func kind(_ text: String) throws -> EntryContent.Kind {
    guard let kind = EntryContent.Kind(rawValue: text) else {
      throw DatabaseFailure.fault("unknown kind \(text)")
    }
    return kind
  }

  private func totals(_ query: StatisticsQuery, in group: ID) -> SQL {
    """
    select s.currency, sum(s.amount), sum(case when s.categories > 0 then 1 else 0 end)
    from spending s where \(part: conditions(query, in: group)) and s.kind = 'expense'
    group by s.currency order by s.currency
    """
  }

  /// The current version of the entry of a row (`s`). A subquery for one value always uses the key; see
  /// `BalanceStore.version`.
  private static let version: SQL = """
    (select e.version from entries e where e.group_id = s.group_id and e.id = s.entry_id)
    """

  /// Sums of the postings of entries. With categories, of those that have one alone.
  private func accountSums(_ query: StatisticsQuery, in group: ID) -> SQL {
    let hasCategory = query.by.contains(.category)
    let columns = Self.columns(query, withCategory: hasCategory)
    let postings: SQL = query.by.contains(.member) ? "'share', 'paid'" : "'paid'"
    return """
      select \(part: columns.selected), p.account_id, p.kind, p.currency, sum(p.amount), count(*)
      from spending s join postings p
        on p.group_id = s.group_id and p.entry_id = s.entry_id and p.revision = \(part: Self.version)
      where \(part: conditions(query, in: group)) and \(part: hasCategory ? "s.categories = 1" : "s.categories > 0")
        and p.kind in (\(part: postings))
      group by \(part: columns.grouped), p.account_id, p.kind, p.currency
      """
  }

  private static func accountSum(_ row: Row, _ query: StatisticsQuery, in group: ID) throws -> SpendingSum {
    var reader = row.reader
    let head = try head(&reader, query, in: group)
    let account: ID = try reader.next()
    let posting: String = try reader.next()
    var sum = SpendingSum(
      unit: head.unit, category: head.category, tags: head.tags, kind: head.kind,
      account: LedgerAccount(account, in: group), currency: try reader.next())
    let amount: Int64 = try reader.next()
    let count: Int64 = try reader.next()
    let isPaid = posting == "paid"
    if isPaid { sum.paid = amount } else { sum.spent = -amount }
    if isPaid == query.by.contains(.payer) { (sum.parts, sum.entries) = (count, count) }
    return sum
  }

  /// The entries with several categories: their shares are divided by the program.
  private func divided(_ query: StatisticsQuery, in group: ID) -> SQL {
    """
    select s.entry_id, s.tags, (
      select r.content from revisions r
      where r.group_id = s.group_id and r.entry_id = s.entry_id and r.revision = \(part: Self.version))
    from spending s where \(part: conditions(query, in: group)) and s.categories > 1
    """
  }

  private static func cells(_ row: Row, _ query: StatisticsQuery) throws -> [SpendingSum] {
    let (entry, tags, text) = try row.decode(ID.self, String.self, String.self)
    let content = try EntryContent(stored: text)
    var first = SpendingSum(currency: content.booked.currency)
    first.unit = (query.unit ?? .month).number(of: content.date)
    first.kind = content.kind
    first.tags = try Self.tags(tags)
    func sum(_ cell: SpendingPart.Cell, isPaid: Bool) -> SpendingSum {
      var sum = first
      sum.account = cell.account
      sum.category = cell.category
      if isPaid { sum.paid = cell.amount } else { sum.spent = cell.amount }
      if isPaid == query.by.contains(.payer) { (sum.parts, sum.entries) = (1, 1) }
      return sum
    }
    let paid = content.paidCells(entry: entry).filter { $0.amount != 0 }.map { sum($0, isPaid: true) }
    guard query.by.contains(.member) else { return paid }
    return paid
      + content.shareCells(entry: entry).filter { $0.amount != 0 }.map { sum($0, isPaid: false) }
  }
}

extension CalendarUnit? {
  /// `true` for a unit that is not made of whole months.
  fileprivate var isByDay: Bool { self == .day || self == .week }
}
