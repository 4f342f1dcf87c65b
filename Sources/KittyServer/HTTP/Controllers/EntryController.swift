import Hummingbird
import KittyShared

/// The HTTP face of entries of every kind: they are listed, found, deleted, restored and commented on; their history is
/// shown.
struct EntryController: Sendable {
  let entries: EntryStore
  let bookkeeping: Bookkeeping
  let contexts: FilterContextStore

  func register(on routes: inout Routes) {
    routes.on(Endpoints.entries) { call in try await list(call, kinds: kinds(of: call)) }
    routes.on(Endpoints.myEntries, mine)
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
      let kinds = EntryContent.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalid("kind", "unknown_kind", "kind must be one of \(kinds).")
    }
    return [kind]
  }

  /// Replies with a page of the entries of some kinds, by the filters of the query; or with a page of their changes.
  /// - Parameter kinds: The kinds of entries; all kinds when empty.
  func list(_ call: Call, kinds: Set<EntryContent.Kind>) async throws -> Reply<Page<Entry>> {
    let page = try call.page()
    let group = try call.member.group
    if let start = try call.since() {
      let found = try await entries.changes(in: group, kinds, since: start, limit: page.limit + 1)
      return .changes(found, page, of: call)
    }
    let before = try page.cursor.map { (cursor) throws(Rejection) in
      try Cursor.place(Cursor.split(cursor).keys)
    }
    let days = try call.days()
    var filter = EntryFilter(kinds: kinds, from: days.from, to: days.to)
    filter.deleted = try call.flag("deleted")
    if let member = call.query["member"] {
      filter.account = try Call.account(member, "member").id(in: group)
    }
    filter.query = try await contexts.filter(of: call)
    let found = try await entries.list(
      in: group, filter, limit: page.limit + 1, before: before, totals: call.flag("totals"))
    return try .page(found.page, page, of: call, totals: found.totals) { Cursor.pack($0.date, $0.number) }
  }

  /// Replies with a page of the entries of all groups of the caller.
  private func mine(_ call: Call) async throws -> Reply<Page<FoundEntry>> {
    let page = try call.page()
    let before = try page.cursor.map(Cursor.groupPlace)
    let (query, deleted) = (try call.filter(), try call.flag("deleted"))
    let groups = try await contexts.groups(
      of: call.user, only: call.onlyGroup, on: call.today, withNames: query != nil)
    let filters = try FilterAmongGroups.filters(query, in: groups)
    let searches = groups.map { group in
      EntrySearch(EntryFilter(deleted: deleted, query: filters[group.id]), in: group.id, on: entries)
    }
    let found = try await entries.find(
      searches, limit: page.limit, before: before, totals: call.flag("totals"))
    let names = Dictionary(uniqueKeysWithValues: groups.map { ($0.id, $0.name) })
    let items = found.entries.map {
      FoundEntry(group: $0.group, groupName: names[$0.group] ?? "", entry: $0.entry)
    }
    let next =
      found.isMore
      ? items.last.map { Cursor.pack($0.entry.date, $0.group, $0.entry.number) } : nil
    return Reply(Page(items: items, next: next, totals: found.totals)).linked(next, of: call)
  }

  /// Finds the entry that the path names.
  /// - Parameters:
  ///   - name: The parameter of the path.
  ///   - kinds: The kinds that the entry may have; any kind when `nil`.
  /// - Throws: `Rejection`: `not_found`.
  func find(
    _ call: Call, _ name: String = "entry", kinds: Set<EntryContent.Kind>? = nil
  ) async throws -> Entry {
    guard let text = call.context.parameters.get(name), let key = EntryKey(text),
      let entry = try await entries.find(key, in: call.member.group), kinds?.contains(entry.kind) ?? true
    else { throw Rejection.notFound(name) }
    return entry
  }

  /// Repeats the reply to the request that created an entry: its first version, whatever came later.
  func firstReply(_ id: ID, _ call: Call) async throws -> Reply<Entered> {
    let group = try call.member.group
    guard let entry = try await entries.asEntered(id, in: group) else { throw Rejection.notFound("entry") }
    return .created(.entry(entry), in: group)
  }

  /// Deletes the entry that the path names.
  /// - Parameters:
  ///   - name: The parameter of the path.
  ///   - kinds: The kinds that the entry may have; any kind when `nil`.
  func delete(
    _ call: Call, _ name: String = "entry", kinds: Set<EntryContent.Kind>? = nil
  ) async throws {
    let version = try call.version(required: false)
    let entry = try await find(call, name, kinds: kinds)
    try await bookkeeping.delete(entry, version: version, by: call.caller())
  }

  private func restore(_ call: Call) async throws -> Reply<Entry> {
    let version = try call.version(required: false)
    let entry = try await bookkeeping.restore(try await find(call), version: version, by: call.caller())
    return Reply(entry).withETag(entry.version)
  }

  private func history(_ call: Call) async throws -> Reply<History> {
    let page = try call.page(default: PageRequest.wholeLimit)
    let after = try page.cursor.map(Cursor.sequence) ?? 0
    let entry = try await find(call)
    let found = try await entries.revisions(
      of: entry.id, in: call.member.group, after: after, limit: page.limit)
    let next = found.isMore ? Cursor.pack(after + Int64(found.revisions.count)) : nil
    let history = try History(of: found.revisions, after: after, found.before, next: next)
    return Reply(history).linked(next, of: call)
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
    try await entries.insert(comment, on: entry.id, in: call.member.group, call.write)
    return Reply(comment)
  }
}

extension Call {
  /// Returns the caller of a use case of the books.
  /// - Parameter isDryRun: Whether the result is only previewed.
  func caller(isDryRun: Bool = false) throws(Rejection) -> Bookkeeping.Caller {
    Bookkeeping.Caller(
      membership: try member, now: now, timeZone: principal?.timeZone, write: write,
      isDryRun: isDryRun, groupVersion: groupVersion)
  }
}

extension Reply<Entered> {
  /// Makes the reply to a request that creates an entry: 201 and the location of the entry, or 200 for a preview.
  static func created(_ entered: Entered, in group: ID) -> Self {
    switch entered {
    case .preview: return changed(entered)
    case .entry(let entry):
      let route =
        switch entry.kind {
        case .expense: Endpoints.expense.route
        case .payment, .contribution, .payout: Endpoints.payment.route
        case .count: Endpoints.entry.route
        }
      return changed(entered).withLocation(route.path([group, entry.id]))
    }
  }

  /// Makes the reply to a request that changes an entry.
  static func changed(_ entered: Entered) -> Self {
    var reply = Reply(entered)
    switch entered {
    case .preview: reply.status = 200
    case .entry(let entry): reply = reply.withETag(entry.version)
    }
    return reply
  }
}
