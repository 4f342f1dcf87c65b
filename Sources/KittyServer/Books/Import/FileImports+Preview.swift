import KittyShared

extension FileImports {
  /// A group of a preview that is not made yet.
  struct FutureGroup: Sendable {
    /// The id with which it will be made: the odd cents of entries depend on it.
    let id: ID
    /// The user who will make it.
    let owner: User

    /// The member that the user becomes.
    func member(at now: Instant) -> Member {
      Member(
        id: GroupStore.firstMember(of: id), name: owner.displayName, user: owner.id, role: .owner, photo: nil,
        createdAt: now, removedAt: nil)
    }

    func membership(in currency: Currency) -> Membership {
      Membership(
        group: id, member: GroupStore.firstMember(of: id), role: .owner, currency: currency,
        isArchived: false, closedUntil: nil, isDeleted: false)
    }
  }

  /// Tells what an import of a file into a new group would do, without making the group. The import into a group that its user
  /// makes with this id and the currency of the report does the same, to the cent.
  /// - Throws: `Rejection` that names the place in the file, or says that there is a group with this id.
  func preview(
    _ file: some ByteSource, _ wish: Wish, as group: FutureGroup, at now: Instant, _ write: WriteContext
  ) async throws -> ImportReport {
    // The group may be that of others, of whose books a preview would tell.
    guard try await !store.hasGroup(group.id) else { throw GroupStore.idTaken }
    let standard = group.owner.defaultCurrency
    let owner = group.member(at: now)
    let file = try await Self.read(
      file, wish.options(for: [owner]), in: standard, from: "that of your account")
    let books = file.content.books
    let named = wish.options.currency ?? books.currency ?? books.entries.mostFrequentCurrency ?? standard
    guard let currency = named else {
      // Without an entry there is no currency, and the file is refused for that.
      throw Rejection.unreadable(.file, "no_entries", "The file has no expense and no payment.")
    }
    let caller = Bookkeeping.Caller(
      membership: group.membership(in: currency), now: now, timeZone: group.owner.timeZone, write: write,
      isDryRun: true)
    return try await plan(file, wish, among: [owner], [], by: caller).report
  }
}

extension ImportedEntries {
  /// The currency of most entries; `nil` without an entry.
  fileprivate var mostFrequentCurrency: Currency? {
    var counts: [Currency: Int] = [:]
    for entry in self { counts[entry.amount.currency, default: 0] += 1 }
    return counts.max { ($0.value, $1.key.code) < ($1.value, $0.key.code) }?.key
  }
}
