import KittyShared

/// The audit of the books: it recomputes everything from the records and reports what does not fit.
struct Audit: Sendable {
  private let store: AuditStore
  private let photos: any PhotoStorage

  init(database: any Database, photos: any PhotoStorage) {
    store = AuditStore(database: database)
    self.photos = photos
  }

  /// A contradiction that the audit found.
  struct Finding: Sendable, CustomStringConvertible {
    /// The group whose books are concerned; `nil` for what belongs to no group.
    let group: ID?
    let text: String
    /// `true` if records of the books are lost or damaged, so that the sum of the postings is no longer reliable.
    var isLoss = false

    var description: String { (group.map { "group \($0): " } ?? "") + text }
  }

  /// Returns a sentence for each finding; none when the books balance. O(postings).
  func findings() async throws -> [String] {
    let found = try await oneReading()
    guard !found.isEmpty else { return [] }
    // An import between two queries looks like a contradiction, which a second reading does not find again.
    let again = try await Set(oneReading())
    return found.filter(again.contains)
  }

  private func oneReading() async throws -> [String] {
    let before = try await store.incomplete()
    let balances = try await wrongBalances().map { Finding(group: $0.group, text: $0.text) }
    let bytes = try await store.wrongBytes().map { Finding(group: $0.group, text: $0.text) }
    let spending = try await AuditedSpending(store: store).wrong().map {
      Finding(group: $0.group, text: $0.text)
    }
    let texts = try await AuditedTexts(store: store).findings()
    let all = try await records() + balances + photoFiles() + bytes + spending + texts
    // A group that is being imported is not complete yet, and one that is being purged not any more.
    let incomplete = try await before.union(store.incomplete())
    return all.filter { $0.group.map { !incomplete.contains($0) } ?? true }.map(\.description)
  }

  /// Returns the running totals that are not the sums of the postings.
  func wrongBalances() async throws -> [WrongBalance] {
    let wrong = try await store.wrongBalances()
    guard !wrong.isEmpty else { return [] }
    // A group that was being imported is still marked, or has its balances now.
    let incomplete = try await store.incomplete()
    let again = try await store.wrongBalances()
    return wrong.filter { wrong in
      !incomplete.contains(wrong.group)
        && again.contains {
          $0.group == wrong.group && $0.account == wrong.account && $0.currency == wrong.currency
        }
    }
  }

  /// Returns the findings in the records themselves, without the running totals.
  private func records() async throws -> [Finding] {
    try await lostRows() + numbers()
      + AuditedRevisions(store: store, imported: store.importedGroups()).findings()
  }

  /// Corrects the running totals, but not in a group whose records are lost or damaged: its totals may be the only trace
  /// of the lost records, and a backup should be restored first.
  /// - Returns: The corrected totals, and those that were left, each with a reason.
  func repairBalances(_ write: WriteContext) async throws -> (
    repaired: [WrongBalance], refused: [(wrong: WrongBalance, reason: Finding)]
  ) {
    let wrong = try await wrongBalances()
    guard !wrong.isEmpty else { return ([], []) }
    let losses = Dictionary(
      try await (records() + store.gaps().map(\.finding)).filter(\.isLoss).map { ($0.group, $0) },
      uniquingKeysWith: { first, _ in first })
    var repaired: [WrongBalance] = []
    var refused: [(wrong: WrongBalance, reason: Finding)] = []
    for wrong in wrong {
      if let loss = losses[wrong.group] {
        refused.append((wrong, loss))
      } else if try await store.repair(wrong, write) {
        repaired.append(wrong)
      }
    }
    return (repaired, refused)
  }

  /// Corrects the bytes that quotas count.
  /// - Returns: The wrong numbers.
  func repairBytes(_ write: WriteContext) async throws -> [WrongBytes] {
    let wrong = try await store.wrongBytes()
    for wrong in wrong { try await store.repair(wrong, write) }
    return wrong
  }

  /// Corrects the rows of statistics.
  /// - Returns: The groups that had wrong ones.
  func repairSpending(_ write: WriteContext) async throws -> Set<ID> {
    try await AuditedSpending(store: store).repair(write)
  }

  /// Corrects the words and categories that filters find entries by.
  /// - Returns: The groups that had wrong ones.
  func repairTexts(_ write: WriteContext) async throws -> Set<ID> {
    try await AuditedTexts(store: store).repair(write)
  }

  private func lostRows() async throws -> [Finding] {
    let lost = try await store.lostRows()
    func findings(_ orphans: [AuditStore.Orphans], _ text: (ID, Int64) -> String) -> [Finding] {
      orphans.map { Finding(group: $0.group, text: text($0.id, $0.count), isLoss: true) }
    }
    var found = findings(lost.revisionsWithoutEntry) {
      "entry \($0) is lost, but \($1) of its versions are stored"
    }
    found += findings(lost.postingsWithoutRevision) {
      "\($1) postings of entry \($0) belong to a lost version"
    }
    found += findings(lost.balancesWithoutAccount) { account, _ in
      "there is a balance of account \(account), which is lost"
    }
    found += lost.categoriesWithoutParent.map {
      Finding(group: $0.group, text: "category \($0.id) is below one that cannot have others below it")
    }
    found += lost.entriesWithoutCategory.map {
      Finding(group: $0.group, text: "entry \($0.id) has a category that is lost or removed")
    }
    found += findings(lost.rulesWithoutEntry) {
      "\($1) days of the rule \($0) are booked, but their entries are lost"
    }
    found += lost.rulesWithGaps.map {
      Finding(group: $0.group, text: "the days of the rule \($0.id) do not lead up to its next one")
    }
    found += lost.refundsWithoutExpense.map {
      Finding(
        group: $0.group, text: "\($0.count) refunds are of expense \($0.id), which is lost or deleted")
    }
    found += findings(lost.roundsWithoutAccount) {
      "\($1) payments of settling rounds are of account \($0), which is lost"
    }
    found += findings(lost.postingsWithoutAccount) { "\($1) postings are to account \($0), which is lost" }
    return found
  }

  private func numbers() async throws -> [Finding] {
    let wrong = try await store.wrongNumbers()
    // The file of an import may have left numbers out.
    let gaps = try await store.gaps().filter { !$0.isImported }
    return wrong.entriesAboveLast.map { group, last, highest in
      Finding(group: group, text: "the last number is \(last), but there is an entry #\(highest)")
    }
      + wrong.versionsWithoutRevisions.map { group, number, version, count in
        Finding(
          group: group, text: "entry #\(number) has version \(version), but \(count) versions are stored",
          isLoss: true)
      }
      + wrong.changesAboveSequence.map { group, sequence, highest in
        Finding(
          group: group, text: "the change sequence is at \(sequence), but an entry changed at \(highest)")
      }
      + gaps.map(\.finding)
  }

  private func photoFiles() async throws -> [Finding] {
    let (used, toRemove) = try await store.photoHashes()
    let stored = try await photos.variants()
    let receipts = try await store.receiptHashes()
    let missing = used.filter { !(stored[$0] ?? []).isSuperset(of: StoredVariant.ofPhoto) }.sorted().map {
      hash in
      stored[hash] == nil
        ? "photo \(hash) is shown, but its file is missing"
        : "photo \(hash) is shown, but one of its files is missing"
    }
    let shown = stored.filter { !$0.value.isDisjoint(with: StoredVariant.ofPhoto) }
    let orphans = Set(shown.keys).subtracting(used).subtracting(toRemove).sorted().map {
      "photo \($0) has files, but no user and no group shows it"
    }
    let lost = receipts.used.filter { hash, type in
      let files = stored[hash] ?? []
      let isPicture = Receipt.MediaType(rawValue: type)?.isPicture ?? true
      return !files.contains(.receipt) || isPicture && !files.contains(.receiptPreview)
    }.keys.sorted().map { "receipt \($0) belongs to an entry, but a file of it is missing" }
    let kept = stored.filter { !$0.value.isDisjoint(with: StoredVariant.Kind.receipt.variants) }
    let unused = Set(kept.keys).subtracting(receipts.used.keys).subtracting(receipts.toRemove).sorted().map {
      "receipt \($0) has files, but no entry has it"
    }
    return (missing + orphans + lost + unused).map { Finding(group: nil, text: $0) }
  }
}

extension AuditStore.Gap {
  /// The finding: a number is never used again, so an entry is lost.
  fileprivate var finding: Audit.Finding {
    let text =
      count == 1
      ? "there is no entry #\(first), and numbers are never used again"
      : "\(count) numbers have no entry, the first of them #\(first), and numbers are never used again"
    return Audit.Finding(group: group, text: text, isLoss: true)
  }
}

extension WrongBalance: CustomStringConvertible {
  var description: String { "group \(group): \(text)" }

  fileprivate var text: String {
    func totals(_ values: [Int64]) -> String {
      zip(["paid", "share", "sent", "received"], values).map { name, value in
        "\(name) \(Currency(code: currency).map { Amount(value, $0).decimal } ?? String(value))"
      }.joined(separator: ", ")
    }
    return """
      the balance of \(account == group ? "the kitty" : "member \(account)") in \(currency) \
      is \(totals(stored)); the postings say \(totals(expected))
      """
  }
}
