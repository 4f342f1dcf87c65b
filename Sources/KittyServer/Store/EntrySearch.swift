import KittyShared

/// The day and the number of an entry: its place in a list.
typealias FoundPlace = (date: Day, number: Int64)

/// The entries of a query: its source, with the name `e`, and the conditions on it.
struct EntrySource {
  /// The common table expressions before the query; empty for none.
  var with: SQL = ""
  var source: SQL = "from entries e"
  var conditions: SQL
}

/// The entries of a group that meet a filter, in the order of a list.
struct EntrySearch {
  let group: ID
  let filter: EntryFilter
  private let filters: FilterConditions

  init(_ filter: EntryFilter, in group: ID, on store: EntryStore) {
    self.group = group
    self.filter = filter
    filters = FilterConditions(dialect: store.database.dialect, maxCandidates: store.maxCandidates)
  }

  /// Returns the first entries of the list after a place.
  ///
  /// A filter with words asks the index of trigrams for candidates first. Where these are few, they are read and sorted.
  /// Otherwise a page of the list is found soon by reading the entries in its order. Each of the two parts reads nothing
  /// where the other one is meant, so that one statement and one round trip do.
  func entries(limit: Int, before: FoundPlace?) -> EntrySource {
    let conditions = conditions(before: before)
    guard let query = filter.query else { return EntrySource(conditions: conditions) }
    guard let candidates = filters.candidates(query, in: group) else {
      return EntrySource(source: Self.withTexts, conditions: conditions)
    }
    let order: SQL = "order by e.date desc, e.number desc limit"
    return EntrySource(
      with: """
        with candidates as materialized (\(part: candidates)), found as materialized (
          select id from (select e.id \(part: few(conditions)) \(part: order) \(limit)) few
          union all
          select id from (select e.id \(part: many(conditions)) \(part: order) \(part: manyLimit(limit))) many)
        """,
      source: "from found f cross join entries e", conditions: "e.group_id = \(group) and e.id = f.id")
  }

  /// The query for the number and the sums of all entries of the list.
  var totals: SQL {
    let conditions = conditions(before: nil)
    let columns: SQL = "e.currency as currency, e.amount as amount"
    let query = filter.query
    let candidates = query.flatMap { filters.candidates($0, in: group) }
    var found: SQL = "select \(part: columns) \(part: Self.withTexts) where \(part: conditions)"
    var with: SQL = ""
    if let candidates {
      with = "with candidates as materialized (\(part: candidates))"
      found = """
        select \(part: columns) \(part: few(conditions)) union all
        select * from (select \(part: columns) \(part: many(conditions)) limit \(part: manyLimit(Int.max))) many
        """
    }
    return """
      \(part: with) select currency, count(*), sum(amount) from (\(part: found)) e group by currency order by currency
      """
  }

  /// Decodes the rows of `totals`.
  static func totals(_ rows: [Row]) throws -> EntryTotals {
    let sums = try rows.map { row in
      let (currency, count, amount) = try row.decode(Currency.self, Int.self, Int64.self)
      return EntryTotals.Sum(count: count, amount: amount, currency: currency)
    }
    return EntryTotals(count: sums.reduce(0) { $0 + $1.count }, sums: sums)
  }

  /// The candidates that meet all conditions, when these are few.
  private func few(_ conditions: SQL) -> SQL {
    let rows: SQL =
      switch filters.dialect {
      // The order of the tables is that of a cross join on SQLite.
      case .sqlite: "candidates k cross join entry_texts t cross join entries e where t.id = k.id"
      // PostgreSQL reads all entries for a join with thousands of rows, which is its guess at the candidates.
      case .postgres:
        "entry_texts t cross join entries e where t.entry_id = any (array(select id from candidates))"
      }
    return """
      from \(part: rows) and (select count(*) from candidates) <= \(filters.maxCandidates) and t.group_id = \(group)
        and e.group_id = t.group_id and e.id = t.entry_id and \(part: conditions)
      """
  }

  /// The entries that meet all conditions, when there are many candidates.
  private func many(_ conditions: SQL) -> SQL {
    """
    \(part: Self.withTexts)
    where (select count(*) from candidates) > \(filters.maxCandidates) and \(part: conditions)
    """
  }

  /// The limit of a query by `many`. SQLite evaluates its condition on the candidates for each entry, and this once. The plan of
  /// PostgreSQL follows from the limit.
  private func manyLimit(_ limit: Int) -> SQL {
    filters.dialect == .sqlite
      ? "(case when (select count(*) from candidates) > \(filters.maxCandidates) then \(limit) else 0 end)"
      : "\(limit)"
  }

  static let withTexts: SQL =
    "from entries e left join entry_texts t on t.group_id = e.group_id and t.entry_id = e.id"

  private func conditions(before: FoundPlace?) -> SQL {
    let (date, number) = before ?? (Day.last, Int64.max)
    var conditions: SQL = "e.group_id = \(group) and (e.date, e.number) < (\(date), \(number))"
    conditions = Self.narrowed(conditions, to: filter.kinds)
    if !filter.deleted { conditions = "\(part: conditions) and e.deleted_at is null" }
    if let from = filter.from { conditions = "\(part: conditions) and e.date >= \(from)" }
    if let to = filter.to { conditions = "\(part: conditions) and e.date <= \(to)" }
    if let account = filter.account {
      conditions = """
        \(part: conditions) and exists (
          select 1 from postings p where p.group_id = e.group_id and p.entry_id = e.id
            and p.revision = e.version and p.account_id = \(account))
        """
    }
    if let query = filter.query {
      conditions = """
        \(part: conditions) and \(part: filters.condition(query))
        """
    }
    return conditions
  }

  static func narrowed(_ conditions: SQL, to kinds: Set<EntryContent.Kind>) -> SQL {
    guard !kinds.isEmpty else { return conditions }
    let names = kinds.map(\.rawValue).sorted().map { "\($0)" as SQL }
    // The partial indexes of all other kinds have this very condition.
    let others: SQL = kinds.contains(.expense) ? "" : " and e.kind <> 'expense'"
    return "\(part: conditions)\(part: others) and e.kind in (\(list: names))"
  }
}
