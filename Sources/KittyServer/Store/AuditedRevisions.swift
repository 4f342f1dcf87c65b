import KittyShared

/// Compares every version of every entry with its postings, and the latest one with the entry's own row.
struct AuditedRevisions: Sendable {
  let database: any Database

  /// How many versions are looked at together.
  private static let chunk = 500

  /// A version of an entry: an imported group has the same entry ids as the one that it came from.
  private struct Place: Hashable {
    let group: ID
    let entry: ID
    let revision: Int64
  }

  /// A posting as it is on record, also when it makes no sense.
  private struct Line: Equatable {
    let account: String
    let kind: String
    let currency: String
    let amount: Int64

    init(_ row: Row) throws {
      (_, _, _, account, kind, currency, amount) = try row.decode(
        ID.self, ID.self, Int64.self, String.self, String.self, String.self, Int64.self)
    }

    init(_ posting: Posting) {
      account = posting.account.description
      kind = posting.kind.rawValue
      currency = posting.amount.currency.code
      amount = posting.amount.minorUnits
    }
  }

  /// What does not fit. A version that cannot be read is one finding, and does not hide the others.
  func findings() async throws -> [Audit.Finding] {
    var findings: [Audit.Finding] = []
    var last = Place(group: .first, entry: .first, revision: 0)
    while true {
      let these: SQL = """
        select * from revisions
        where (group_id, entry_id, revision) > (\(last.group), \(last.entry), \(last.revision))
        order by group_id, entry_id, revision limit \(Self.chunk)
        """
      let rows = try await database.read([
        """
        select r.group_id, r.entry_id, r.revision, r.action, r.made_at, r.lines, r.content, e.number
        from (\(part: these)) r left join entries e on e.group_id = r.group_id and e.id = r.entry_id
        order by r.group_id, r.entry_id, r.revision
        """,
        """
        select p.group_id, p.entry_id, p.revision, p.account_id, p.kind, p.currency, p.amount
        from (\(part: these)) r join postings p
          on p.group_id = r.group_id and p.entry_id = r.entry_id and p.revision = r.revision
        order by p.group_id, p.entry_id, p.revision, p.line
        """,
        """
        select e.group_id, e.id, e.version, e.kind, e.description, e.amount, e.currency, e.date, e.changed_at,
          e.deleted_at
        from (\(part: these)) r join entries e
          on e.group_id = r.group_id and e.id = r.entry_id and e.version = r.revision
        """,
      ])
      var lines: [Place: [Line]] = [:]
      for row in rows[1] { lines[try Self.place(row), default: []].append(try Line(row)) }
      var entries: [Place: Row] = [:]
      for row in rows[2] { entries[try Self.place(row)] = row }
      for row in rows[0] {
        last = try Self.place(row)
        findings += try Self.findings(row, at: last, lines: lines[last] ?? [], entry: entries[last])
      }
      guard rows[0].count == Self.chunk else { return findings }
    }
  }

  private static func place(_ row: Row) throws -> Place {
    let (group, entry, revision) = try Row(columns: Array(row.columns.prefix(3))).decode(
      ID.self, ID.self, Int64.self)
    return Place(group: group, entry: entry, revision: revision)
  }

  private static func findings(
    _ row: Row, at place: Place, lines: [Line], entry: Row?
  ) throws -> [Audit.Finding] {
    let (_, _, _, action, at, count, text, number) = try row.decode(
      ID.self, ID.self, Int64.self, String.self, Int64.self, Int64.self, String.self, Int64?.self)
    let name = number.map { "entry #\($0)" } ?? "entry \(place.entry)"
    let version = "version \(place.revision) of \(name)"
    func damaged(_ words: String) -> Audit.Finding {
      Audit.Finding(group: place.group, words: words, isLoss: true)
    }
    var findings: [Audit.Finding] = []
    var sums: [String: Int128] = [:]
    for line in lines { sums[line.currency, default: 0] += Int128(line.amount) }
    if !sums.values.allSatisfy({ $0 == 0 }) {
      findings.append(damaged("the postings of \(version) do not sum to zero"))
    }
    if Int64(lines.count) != count {
      findings.append(damaged("\(version) had \(count) postings, and has \(lines.count)"))
    }
    let content: EntryContent
    do {
      content = try EntryContent(stored: text)
    } catch {
      return findings + [damaged("what \(version) says cannot be read")]
    }
    let isDeleted = action == Revision.Action.deleted.rawValue
    let right = isDeleted ? [] : content.postings(group: place.group, entry: place.entry).map(Line.init)
    if right != lines { findings.append(damaged("the postings of \(version) are not what it says")) }
    guard let entry else { return findings }
    let changed: SQL.Value = .integer(at)
    let expected: [(name: String, value: SQL.Value)] = [
      ("kind", .text(content.kind.rawValue)), ("description", .text(content.description)),
      ("amount", .integer(content.amount)), ("currency", .text(content.currency.code)),
      ("date", .text(content.date.description)), ("changed_at", changed),
      ("deleted_at", isDeleted ? changed : .null),
    ]
    let wrong = zip(expected, entry.columns.dropFirst(3)).filter { !Self.isSame($0.value, $1) }.map(\.0.name)
    if !wrong.isEmpty {
      findings.append(
        Audit.Finding(
          group: place.group,
          words: "\(name) has another \(wrong.joined(separator: ", ")) than its latest version says"))
    }
    return findings
  }

  /// PostgreSQL gives every value as a text.
  private static func isSame(_ right: SQL.Value, _ found: SQL.Value) -> Bool {
    if case .integer(let number) = right, found != .null { return Int64(column: found) == number }
    return right == found
  }
}
