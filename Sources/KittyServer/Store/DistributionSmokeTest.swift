import KittyShared

/// Runs the usual statements of the program on a distributed database and checks their results. The caller must roll
/// them back.
struct DistributionSmokeTest: Sendable {
  let database: any Database

  /// Adds a user and a group, enters, changes and deletes a payment, and reads everything.
  /// - Throws: `DistributionFailure` when a result is wrong or a rule rejected the change; `DatabaseFailure`.
  func run() async throws {
    do { try await useAllTables() } catch let rejection as Rejection {
      throw DistributionFailure.rules(rejection.detail)
    }
  }

  private func useAllTables() async throws {
    let now = Instant.now
    let user = User(
      id: ID(at: now), name: "trial.\(ID(at: now))", displayName: "Trial", photo: nil, createdAt: now)
    let write = WriteContext()
    try require(
      await UserStore(database: database).insert(user, passwordHash: "none", write), "a user was not added")
    let (group, one, other) = (ID(at: now), ID(at: now), ID(at: now))
    guard let currency = Currency(code: "EUR") else { return }
    let groups = GroupStore(database: database)
    try await groups.insert(
      NewGroup(name: "Trial", currency: currency), id: group, owner: one, named: "One", user: user.id,
      at: now,
      write)
    let members = MemberStore(database: database)
    try await members.insert(
      Member(id: other, name: "Other", user: nil, role: .guest, photo: nil, createdAt: now, removedAt: nil),
      in: group, write)
    let changed = try await members.changes(in: group, since: 0, limit: 10).items.count
    try require(changed == 2, "changes of members were not counted")
    try require(await groups.find(group, for: user.id) != nil, "a group was not found by its member")

    let amount = Amount(500, currency)
    var content = EntryContent(
      kind: .payment, description: "Trial", amount: amount, rate: nil, booked: amount, date: now.day,
      note: nil,
      from: .member(one), to: .member(other))
    let entries = EntryStore(database: database)
    var entry = try await entries.insert(
      EntryRevision(creating: content, id: ID(at: now), in: group, by: one, at: now), write)
    content.note = "changed"
    entry = try await entries.revise(
      entry, EntryRevision(.changed, entry, to: content, in: group, by: one, at: now), write)
    let balances = BalanceStore(database: database)
    let nets = try await balances.nets(in: group).flatMap(\.nets).map(\.amount)
    try require(nets.sorted() == [-500, 500], "the balances are not those of the entry")
    _ = try await entries.revise(
      entry, EntryRevision(.deleted, entry, to: content, in: group, by: one, at: now), write)
    let left = try await balances.nets(in: group).flatMap(\.nets).map(\.amount)
    try require(left.allSatisfy { $0 == 0 }, "a deleted entry still counts")
    let history = try await entries.revisions(of: entry.id, in: group, after: 0, limit: 10)
    try require(history.revisions.count == 3, "the history is not complete")
  }

  private func require(_ condition: Bool, _ why: String) throws(DistributionFailure) {
    guard condition else { throw .rules("\(why), and no error was given") }
  }
}
