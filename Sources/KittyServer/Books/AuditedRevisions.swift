import KittyShared

/// The part of an audit that compares every revision of every entry with its postings, and the current one with the row
/// of the entry.
struct AuditedRevisions: Sendable {
  let store: AuditStore
  /// The groups that were imported.
  let imported: Set<ID>

  /// The number of revisions that are read at a time.
  private static let pageSize = 500

  /// Returns everything that does not fit. A revision that cannot be decoded is one finding, and does not hide the others.
  func findings() async throws -> [Audit.Finding] {
    var findings: [Audit.Finding] = []
    var last = RevisionKey.first
    while true {
      let revisions = try await store.revisions(after: last, limit: Self.pageSize)
      for revision in revisions { findings += self.findings(in: revision) }
      guard revisions.count == Self.pageSize, let key = revisions.last?.key else { return findings }
      last = key
    }
  }

  private func findings(in revision: StoredRevision) -> [Audit.Finding] {
    let key = revision.key
    let name = revision.number.map { "entry #\($0)" } ?? "entry \(key.entry)"
    let version = "version \(key.revision) of \(name)"
    func damaged(_ text: String) -> Audit.Finding {
      Audit.Finding(group: key.group, text: text, isLoss: true)
    }
    var findings: [Audit.Finding] = []
    var sums: [String: Int128] = [:]
    for posting in revision.postings { sums[posting.currency, default: 0] += Int128(posting.amount) }
    if !sums.values.allSatisfy({ $0 == 0 }) {
      findings.append(damaged("the postings of \(version) do not sum to zero"))
    }
    if Int64(revision.postings.count) != revision.postingCount {
      findings.append(
        damaged("\(version) had \(revision.postingCount) postings, and has \(revision.postings.count)"))
    }
    guard let content = try? EntryContent(stored: revision.content) else {
      return findings + [damaged("the content of \(version) cannot be read")]
    }
    let isDeleted = revision.action == Revision.Action.deleted.rawValue
    let expected = isDeleted ? [] : content.postings(group: key.group, entry: key.entry)
    if expected.map(StoredPosting.init) != revision.postings {
      findings.append(damaged("the postings of \(version) do not match its content"))
    }
    if revision.entry != nil {
      let named = content.receipts ?? []
      if !revision.receipts.allSatisfy(named.contains)
        || revision.receipts.count < named.count && !imported.contains(key.group)
      {
        findings.append(
          Audit.Finding(group: key.group, text: "\(name) has other receipts than its latest version says"))
      }
    }
    let wrong = Self.wrongColumns(of: revision, content, isDeleted: isDeleted)
    if !wrong.isEmpty {
      findings.append(
        Audit.Finding(
          group: key.group,
          text: "\(name) has another \(wrong.joined(separator: ", ")) than its latest version says"))
    }
    return findings
  }

  /// Returns the columns in the row of the entry that differ from the content of its current revision.
  private static func wrongColumns(
    of revision: StoredRevision, _ content: EntryContent, isDeleted: Bool
  ) -> [String] {
    guard let entry = revision.entry else { return [] }
    let time: SQL.Value = .integer(revision.time)
    let expected: [(name: String, value: SQL.Value)] = [
      ("kind", .text(content.kind.rawValue)), ("description", .text(content.description)),
      ("amount", .integer(content.amount)), ("currency", .text(content.currency.code)),
      ("date", .text(content.date.description)), ("changed_at", time),
      ("deleted_at", isDeleted ? time : .null),
      ("refund_of", content.refundOf.map { .text($0.description) } ?? .null),
    ]
    return zip(expected, entry).filter { !isEqual($0.value, $1) }.map(\.0.name)
  }

  /// Compares two values. PostgreSQL returns every value as text.
  private static func isEqual(_ expected: SQL.Value, _ stored: SQL.Value) -> Bool {
    if case .integer(let number) = expected, stored != .null { return Int64(column: stored) == number }
    return expected == stored
  }
}

extension StoredPosting {
  /// Makes the posting as it should be stored.
  fileprivate init(_ posting: Posting) {
    self.init(
      account: posting.account.description, kind: posting.kind.rawValue,
      currency: posting.amount.currency.code, amount: posting.amount.minorUnits)
  }
}
