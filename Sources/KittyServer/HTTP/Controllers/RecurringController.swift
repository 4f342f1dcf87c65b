import Hummingbird
import KittyShared

/// The routes of rules for recurring entries: list, make, change, remove, preview, and their days.
struct RecurringController: Sendable {
  let rules: RecurringStore
  let bookkeeping: Bookkeeping
  let computations: Computations

  /// The numbers of entries that a preview can have, and the number when the request names none.
  private static let planned = (1...100, usual: 12)

  func register(on routes: inout Routes) {
    routes.on(Endpoints.recurring, list)
    routes.create(Endpoints.makeRecurring, make) { id, call in
      try reply(await find(id, call), call).withLocation(
        Endpoints.recurringRule.route.path([try call.member.group, id]))
    }
    routes.on(Endpoints.recurringRule) { call in try reply(await find(call.id("rule"), call), call) }
    routes.change(Endpoints.changeRecurring, change) { call in
      try reply(await find(call.id("rule"), call), call)
    }
    routes.on(Endpoints.removeRecurring) { call in
      try await bookkeeping.removeRule(
        try call.id("rule"), version: { try call.version(required: false) }, by: try call.caller())
    }
    routes.on(Endpoints.recurringPreview, preview)
    routes.on(Endpoints.occurrences, occurrences)
    routes.on(Endpoints.confirmOccurrence) { call in
      let (k, rule, caller) = (try number(of: call), try call.id("rule"), try call.caller())
      let entry = try await computations.run(for: call) {
        try await bookkeeping.confirm(k, of: rule, by: caller)
      }
      return Reply(entry).withETag(entry.version)
    }
    routes.on(Endpoints.skipOccurrence) { call in
      Reply(
        try await bookkeeping.skip(try number(of: call), of: try call.id("rule"), by: try call.caller()))
    }
  }

  private func reply(_ rule: Recurring, _ call: Call) -> Reply<Recurring> {
    Reply(rule).withETag(rule.version)
  }

  private func find(_ id: ID, _ call: Call) async throws -> Recurring {
    guard let row = try await rules.find(id, in: call.member.group) else { throw Rejection.notFound("rule") }
    return row.rule
  }

  /// Reads the number of a day from the path.
  /// - Throws: `Rejection.notFound` when it is not a number: no day can have it.
  private func number(of call: Call) throws(Rejection) -> Int64 {
    guard let text = call.context.parameters.get("k"), let k = Int64(canonical: text) else {
      throw .notFound("proposal")
    }
    return k
  }

  private func list(_ call: Call) async throws -> Reply<Page<Recurring>> {
    let page = try call.page()
    if let sequence = try call.since() {
      let found = try await rules.changes(in: call.member.group, since: sequence, limit: page.limit + 1)
      return .changes(found, page, of: call)
    }
    let after = try page.cursor.map { (cursor) throws(Rejection) in try Cursor.id(Cursor.split(cursor).keys) }
    let found = try await rules.list(
      in: call.member.group, removed: call.flag("removed"), limit: page.limit + 1, after: after)
    return try .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func make(_ input: NewRecurring, _ call: Call) async throws -> Reply<Recurring> {
    let rule = try await bookkeeping.make(input, id: input.id ?? call.newID, by: try call.caller())
    return reply(rule, call).withLocation(
      Endpoints.recurringRule.route.path([try call.member.group, rule.id]))
  }

  private func change(_ input: RecurringChange, _ call: Call) async throws -> Reply<Recurring> {
    reply(
      try await bookkeeping.change(
        try call.id("rule"), input, version: { try call.version(required: true) }, by: try call.caller()),
      call)
  }

  private func preview(_ call: Call) async throws -> Reply<Page<PlannedOccurrence>> {
    var count = Self.planned.usual
    if let text = call.query["n"] {
      guard let number = Int64(canonical: text), Self.planned.0.contains(Int(clamping: number)) else {
        throw Rejection.invalid("n", "out_of_range", "n must be a number from 1 to 100.")
      }
      count = Int(number)
    }
    let (rule, caller, number) = (try call.id("rule"), try call.caller(), count)
    let planned = try await computations.run(for: call) {
      try await bookkeeping.plan(rule, count: number, for: caller)
    }
    return Reply(Page(items: planned, next: nil))
  }

  private func occurrences(_ call: Call) async throws -> Reply<Page<Occurrence>> {
    let page = try call.page()
    let before = try page.cursor.map(Cursor.sequence)
    let state = try call.query["state"].map { (word) throws(Rejection) -> Occurrence.State in
      guard let state = Occurrence.State(rawValue: word) else {
        throw .invalid("state", "unknown_state", "state must be booked, proposed or skipped.")
      }
      return state
    }
    let rule = try await find(try call.id("rule"), call)
    let found = try await rules.occurrences(
      of: rule.id, state, in: call.member.group, limit: page.limit + 1, before: before)
    return .page(found, page, of: call) { Cursor.pack($0.k) }
  }
}
