import Hummingbird
import KittyShared

/// The HTTP face of what all entries have in common: to be listed, found, deleted, restored, looked back at
/// and talked about.
struct EntryController: Sendable {
  let entries: EntryStore
  let balances: BalanceStore
  let members: MemberStore
  private let present: VersionedCache<ID, Participants>

  init(entries: EntryStore, balances: BalanceStore, members: MemberStore, meter: CacheMeter) {
    present = VersionedCache(meter: meter)
    self.entries = entries
    self.balances = balances
    self.members = members
  }

  func register(on routes: inout Routes) {
    routes.on(Endpoints.entries) { call in try await list(call, kinds: kinds(of: call)) }
    routes.on(Endpoints.entry) { call in
      let entry = try await find(call)
      return Reply(entry).withETag(entry.version)
    }
    routes.on(Endpoints.deleteEntry) { call in try await delete(call) }
    routes.on(Endpoints.restoreEntry, restore)
    routes.on(Endpoints.history, history)
    routes.on(Endpoints.comments, comments)
    routes.create(Endpoints.createComment, comment) { id, call in
      let entry = try await find(call)
      guard
        let comment = try await entries.comments(
          on: entry.id, in: call.member.group, limit: 1000, after: nil
        ).first(where: { $0.id == id })
      else { throw Rejection.notFound("comment") }
      return Reply(comment)
    }
  }

  private func kinds(of call: Call) throws(Rejection) -> Set<EntryContent.Kind> {
    guard let text = call.query["kind"] else { return [] }
    guard let kind = EntryContent.Kind(rawValue: text) else {
      let known = EntryContent.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalid("kind", "unknown_kind", "kind is one of \(known).")
    }
    return [kind]
  }

  /// A page of the entries of some kinds, by the filters of the query, or of their changes.
  func list(_ call: Call, kinds: Set<EntryContent.Kind>) async throws -> Reply<Page<Entry>> {
    let page = try call.page()
    let group = try call.member.group
    if let place = try call.since() {
      let found = try await entries.changes(in: group, kinds, since: place, limit: page.limit + 1)
      return .changes(found, page, of: call)
    }
    let before = try page.cursor.map { (cursor) throws(Rejection) in
      try Cursor.place(Cursor.split(cursor).keys)
    }
    var filter = EntryFilter(kinds: kinds, from: try call.day("from"), to: try call.day("to"))
    filter.deleted = try call.flag("deleted")
    if let member = call.query["member"] {
      filter.account = try Call.account(member, "member").id(in: group)
    }
    let found = try await entries.list(in: group, filter, limit: page.limit + 1, before: before)
    return try .page(found, page, of: call) { Cursor.pack($0.date, $0.number) }
  }

  /// The entry that the path names, if it is of one of these kinds.
  func find(
    _ call: Call, _ name: String = "entry", kinds: Set<EntryContent.Kind>? = nil
  ) async throws -> Entry {
    guard let text = call.context.parameters.get(name), let key = EntryKey(text),
      let entry = try await entries.find(key, in: call.member.group), kinds?.contains(entry.kind) ?? true
    else { throw Rejection.notFound(name) }
    return entry
  }

  /// Who is in the group; and, where a currency is named, who left with a balance in it.
  private func participants(_ call: Call, unsettledIn currency: Currency?) async throws -> Participants {
    let group = try call.member.group
    if let currency { return try await members.participants(in: group, unsettledIn: currency) }
    if let known = present.value(for: group, at: call.groupVersion) { return known }
    let participants = try await members.participants(in: group)
    present.insert(participants, for: group, at: call.groupVersion)
    return participants
  }

  /// Writes a new entry.
  /// - Parameters:
  ///   - currency: The currency in which a payment is booked: who left with a balance in it may be named.
  ///   - content: What it says, by the entry's id and who may be named.
  func enter(
    _ call: Call, id: ID?, settling currency: Currency? = nil,
    _ content: (ID, Participants) async throws -> EntryContent
  ) async throws -> Reply<Entered> {
    let member = try call.member
    let id = id ?? call.newID
    let people = try await participants(call, unsettledIn: currency)
    let content = try await content(id, people)
    try content.date.requireNear(call.now.day, "date")
    try Self.requireOpen([content.date], member)
    let write = EntryWrite(
      creating: content, id: id, in: member.group, by: member.member, at: call.now, former: people.former)
    try await requireKittyFunds(write)
    if try call.flag("dryRun") { return try await preview(write, call) }
    let entry = try await entries.insert(write)
    return Reply(.entry(entry)).withETag(entry.version)
      .withLocation(Self.path(of: entry, in: member.group))
  }

  /// Where an entry is.
  static func path(of entry: Entry, in group: ID) -> String {
    let route =
      switch entry.kind {
      case .expense: Endpoints.expense.route
      case .payment, .contribution, .payout: Endpoints.payment.route
      case .count: Endpoints.entry.route
      }
    return route.path([group, entry.id])
  }

  /// Writes a new version of an entry.
  /// - Parameter currency: The currency in which a payment is booked: who left with a balance in it may be named.
  func change(
    _ call: Call, _ entry: Entry, settling currency: Currency? = nil,
    _ content: (EntryContent, Participants) async throws -> EntryContent
  ) async throws -> Reply<Entered> {
    let member = try call.member
    try Permissions.requireRevision(of: entry.createdBy, member)
    try Self.require(try call.version(required: true), of: entry)
    guard entry.deletedAt == nil else {
      throw Rejection.conflict("deleted", "#\(entry.number) is deleted. Restore it before you change it.")
    }
    let before = entry.content.postings(group: member.group, entry: entry.id)
    let named = before.map(\.account) + (entry.shares ?? []).map(\.member)
    let people = try await members.participants(
      in: member.group, former: named, unsettledIn: currency)
    let content = try await content(entry.content, people)
    if content.date != entry.date { try content.date.requireNear(call.now.day, "date") }
    try Self.requireOpen([entry.date, content.date], member)
    let write = EntryWrite(
      .changed, entry, to: content, in: member.group, by: member.member, at: call.now, former: people.former)
    try await requireKittyFunds(write)
    if try call.flag("dryRun") { return try await preview(write, call) }
    guard content != entry.content else { return Reply(.entry(entry)).withETag(entry.version) }
    let changed = try await entries.revise(entry, write)
    return Reply(.entry(changed)).withETag(changed.version)
  }

  /// People note late what the kitty paid for, but what is handed out to a member now was in the pot.
  /// - Throws: `Rejection` that says the balance of the kitty.
  private func requireKittyFunds(_ write: EntryWrite) async throws {
    guard write.kittyDecrease > 0 else { return }
    let currency = write.content.booked.currency
    let kittyBalance = try await balances.kittyBalance(currency, in: write.group)
    guard write.kittyDecrease > kittyBalance else { return }
    throw Rejection.conflict(
      "not_in_the_pot",
      "The kitty holds \(Amount(kittyBalance, currency)): no more can be paid out of it. Put in or correct first what is missing."
    )
  }

  /// What the entry and the balances would be.
  private func preview(_ write: EntryWrite, _ call: Call) async throws -> Reply<Entered> {
    let member = try call.member
    var after = try await balances.balances(in: member.group, currency: member.currency)
    for change in try BalanceChange.changes(from: write.old, to: write.new) {
      let account = LedgerAccount(change.account, in: member.group)
      let place = after.firstIndex { $0.account == account && $0.currency == change.currency }
      let now: Balance
      if let place {
        now = after[place]
      } else {
        now = Balance(
          account: account, name: try await name(of: account, in: member.group), currency: change.currency,
          paid: 0, share: 0)
      }
      let balance = Balance(
        account: account, name: now.name, currency: change.currency, paid: now.paid + change.paid,
        share: now.share + change.share, sent: now.sent + change.sent,
        received: now.received + change.received)
      if let place { after[place] = balance } else { after.append(balance) }
    }
    var reply = Reply(Entered.preview(EntryPreview(id: write.entry, entry: write.content, balances: after)))
    reply.status = 200
    return reply
  }

  private func name(of account: LedgerAccount, in group: ID) async throws -> String {
    guard let member = account.member else { return "Kitty" }
    return try await members.find(member, in: group)?.name ?? ""
  }

  /// Takes an entry out of the balances; an entry that is deleted already stays as it is.
  func delete(
    _ call: Call, _ name: String = "entry", kinds: Set<EntryContent.Kind>? = nil
  ) async throws {
    let version = try call.version(required: false)
    let entry = try await find(call, name, kinds: kinds)
    try Permissions.requireRevision(of: entry.createdBy, try call.member)
    guard entry.deletedAt == nil else { return }
    try Self.require(version, of: entry)
    _ = try await setDeleted(.deleted, entry, version: version, call)
  }

  private func restore(_ call: Call) async throws -> Reply<Entry> {
    let version = try call.version(required: false)
    let entry = try await find(call)
    try Permissions.requireRevision(of: entry.createdBy, try call.member)
    guard entry.deletedAt != nil else { return Reply(entry).withETag(entry.version) }
    try Self.require(version, of: entry)
    let restored = try await setDeleted(.restored, entry, version: version, call)
    return Reply(restored).withETag(restored.version)
  }

  /// Deletes or restores. Without a version to hold to, it follows whatever came in between.
  private func setDeleted(
    _ action: Revision.Action, _ entry: Entry, version: Int64?, _ call: Call
  ) async throws -> Entry {
    let member = try call.member
    var entry = entry
    while true {
      try Self.requireOpen([entry.date], member)
      let write = EntryWrite(
        action, entry, to: entry.content, in: member.group, by: member.member, at: call.now)
      try await requireKittyFunds(write)
      do {
        return try await entries.revise(entry, write)
      } catch let problem as Rejection where problem.reason == .stale && version == nil {
        guard let now = try await entries.find(.id(entry.id), in: member.group) else {
          throw Rejection.notFound("entry")
        }
        entry = now
        if (entry.deletedAt != nil) == (action == .deleted) { return entry }
      }
    }
  }

  private func history(_ call: Call) async throws -> Reply<History> {
    let entry = try await find(call)
    let revisions = try await entries.revisions(of: entry.id, in: call.member.group)
    var before: EntryContent?
    return Reply(
      History(
        revisions: try revisions.enumerated().map { index, revision in
          defer { before = revision.content }
          return Revision(
            version: Int64(index + 1), action: revision.action, by: revision.by, at: revision.at,
            changes: try Revision.changes(from: before, to: revision.content))
        }))
  }

  private func comments(_ call: Call) async throws -> Reply<Page<Comment>> {
    let page = try call.page()
    let after = try page.cursor.map(Cursor.id)
    let entry = try await find(call)
    let found = try await entries.comments(
      on: entry.id, in: call.member.group, limit: page.limit + 1, after: after)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func comment(_ input: NewComment, _ call: Call) async throws -> Reply<Comment> {
    let entry = try await find(call)
    let comment = Comment(
      id: input.id ?? call.newID, text: input.text.trimmed, createdBy: try call.member.member,
      createdAt: call.now)
    try await entries.insert(comment, on: entry.id, in: call.member.group)
    return Reply(comment)
  }

  private static func require(_ version: Int64?, of entry: Entry) throws(Rejection) {
    guard version == nil || version == entry.version else { throw entry.stale }
  }

  private static func requireOpen(_ days: [Day], _ member: Membership) throws(Rejection) {
    guard let closed = member.closedUntil, let day = days.min(), day <= closed else { return }
    throw .conflict(
      "closed",
      "The books are closed up to \(closed), and this is dated \(day). Enter a correction with a later date instead."
    )
  }
}
