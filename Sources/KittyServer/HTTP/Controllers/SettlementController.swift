import Hummingbird
import KittyShared

/// The routes of settling rounds: list, begin, show, book a payment, end.
struct SettlementController: Sendable {
  let rounds: SettlingRounds
  let computations: Computations

  func register(on routes: inout Routes) {
    routes.on(Endpoints.rounds) { call in
      try await computations.run(for: call) { try await list(call) }
    }
    routes.create(Endpoints.createRound, begin) { id, call in try await reply(id, call) }
    routes.on(Endpoints.round) { call in
      Reply(try await rounds.find(call.id("settlement"), in: call.member.group))
    }
    routes.on(Endpoints.bookPayment) { call in
      guard let number = call.context.parameters.get("number").flatMap({ Int($0) }) else {
        throw Rejection.notFound("payment")
      }
      return Reply(try await rounds.book(number, of: try call.id("settlement"), by: call.caller()))
    }
    routes.on(Endpoints.endRound) { call in
      let (group, id) = (try call.member.group, try call.id("settlement"))
      _ = try await rounds.find(id, in: group)
      try await rounds.store.end(id, in: group, at: call.now, call.write)
    }
  }

  private func reply(_ id: ID, _ call: Call) async throws -> Reply<SettlingRound> {
    let group = try call.member.group
    return Reply(try await rounds.find(id, in: group))
      .withLocation(Endpoints.round.route.path([group, id]))
  }

  private func begin(_ input: NewSettlingRound, _ call: Call) async throws -> Reply<SettlingRound> {
    let wish = try Settling.Wish(centre: input.centre?.description, keep: input.keep, by: input.by)
    let id = input.id ?? call.newID
    let round = try await computations.run(for: call) {
      try await rounds.begin(wish, id: id, by: call.caller())
    }
    return Reply(round).withLocation(Endpoints.round.route.path([try call.member.group, id]))
  }

  private func list(_ call: Call) async throws -> Reply<Page<SettlingRound>> {
    let page = try call.page()
    let group = try call.member.group
    if let start = try call.since() {
      let found = try await rounds.store.changes(in: group, since: start, limit: page.limit)
      let shown = ChangeSet(
        items: found.changes.items.map { ($0.item.shown(found.facts, in: group), $0.sequence) },
        sequence: found.changes.sequence, isCut: found.changes.isCut)
      return .changes(shown, page, of: call)
    }
    let before = try page.cursor.map { (cursor) throws(Rejection) in try Cursor.id(Cursor.split(cursor).keys)
    }
    let found = try await rounds.store.list(in: group, limit: page.limit, before: before)
    let shown = ListPage(
      items: found.page.items.map { $0.shown(found.facts, in: group) }, sequence: found.page.sequence,
      isCut: found.page.isCut)
    return try .page(shown, page, of: call) { Cursor.pack($0.id) }
  }
}
