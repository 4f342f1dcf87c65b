import KittyShared
import Testing

@testable import KittyServer

/// Role × route × own or other's item × open, archived, closed or deleted group, over HTTP. Generated from the route
/// table: a route of a group without a rule here fails.
@Suite struct AccessMatrixTests {
  /// The state of the group during a request.
  enum State: CaseIterable { case open, archived, closed, deleted }

  /// The owner of the item that a request changes.
  enum Subject: CaseIterable { case own, others }

  /// One request of the matrix.
  struct Cell: Sendable {
    let role: Member.Role
    let state: State
    let subject: Subject
    /// `true` when the group lets members change only their own entries.
    let ownOnly: Bool
  }

  /// The roles that may use a route, and a valid request.
  struct Rule: Sendable {
    let roles: Set<Member.Role>
    /// `true` when the route works in an archived group.
    var inArchive = true
    /// `true` when the route works on a closed day.
    var inClosed = true
    /// `true` when the owner of the item matters.
    var hasSubject = false
    /// The status and code of a cell that is refused for another reason.
    var otherwise: @Sendable (Cell) -> (Int, String)? = { _ in nil }
    var path: @Sendable (AccessMatrixFixture, Cell) -> [any CustomStringConvertible & Sendable] = { _, _ in []
    }
    var query = ""
    var json: @Sendable (AccessMatrixFixture, Cell) -> String? = { _, _ in nil }
  }

  private static let all: Set<Member.Role> = [.owner, .admin, .member, .viewer]
  private static let writers: Set<Member.Role> = [.owner, .admin, .member]
  private static let managers: Set<Member.Role> = [.owner, .admin]

  private static func read(
    _ id: @escaping @Sendable (AccessMatrixFixture) -> [any CustomStringConvertible & Sendable] = { _ in [] }
  ) -> Rule { Rule(roles: all, path: { fixture, _ in id(fixture) }) }

  /// The rule of a route that creates an entry.
  private static func enter(_ json: @escaping @Sendable (AccessMatrixFixture) -> String) -> Rule {
    Rule(roles: writers, inArchive: false, inClosed: false, json: { fixture, _ in json(fixture) })
  }

  /// The rule of a route that changes an existing entry.
  /// - Parameter place: What follows the entry in the path.
  private static func revise(
    _ route: Route, _ json: String? = nil, place: [any CustomStringConvertible & Sendable] = []
  ) -> Rule {
    Rule(
      roles: writers, inArchive: false, inClosed: false, hasSubject: true,
      otherwise: { cell in
        cell.ownOnly && cell.subject == .others && cell.role == .member ? (403, "not_your_entry") : nil
      },
      path: { fixture, cell in
        [fixture.entries[.init(route: route, role: cell.role, subject: cell.subject)] ?? .first] + place
      },
      json: { _, _ in json })
  }

  /// The rule of a route that changes a rule for recurring entries, which closed books allow.
  private static func reviseRule(_ route: Route, _ json: String? = nil) -> Rule {
    var rule = revise(route, json)
    rule.inClosed = true
    return rule
  }

  static let rules: [Route: Rule] = [
    Endpoints.group.route: read(),
    Endpoints.changeGroup.route: Rule(roles: managers, json: { _, _ in #"{"name": "Flat"}"# }),
    Endpoints.deleteGroup.route: Rule(roles: [.owner], query: "?force=true"),
    Endpoints.restoreGroup.route: Rule(roles: [.owner]),
    Endpoints.handOver.route: Rule(
      roles: [.owner], json: { fixture, _ in #"{"member": "\#(fixture.id(.admin))"}"# }),
    Endpoints.leaveGroup.route: Rule(
      roles: all, otherwise: { $0.role == .owner ? (409, "is_owner") : nil }),
    Endpoints.invites.route: Rule(roles: managers),
    Endpoints.createInvite.route: Rule(roles: managers, inArchive: false, json: { _, _ in "{}" }),
    Endpoints.revokeInvite.route: Rule(
      roles: managers, inArchive: false, path: { fixture, cell in [fixture.invites[cell.role] ?? .first] }),
    Endpoints.setGroupPhoto.route: Rule(roles: writers, inArchive: false),
    Endpoints.groupPhoto.route: read(),
    Endpoints.removeGroupPhoto.route: Rule(roles: writers, inArchive: false),
    Endpoints.members.route: read(),
    Endpoints.addMember.route: Rule(
      roles: writers, inArchive: false, json: { _, _ in #"{"name": "\#(ID(at: .now))"}"# }),
    Endpoints.member.route: read { [$0.roles.guests[0]] },
    Endpoints.changeMember.route: Rule(
      roles: writers, inArchive: false, hasSubject: true,
      otherwise: { $0.role == .member && $0.subject == .others ? (403, "not_allowed") : nil },
      path: { fixture, cell in
        [fixture.id(cell.subject == .own ? cell.role : cell.role == .viewer ? .member : .viewer)]
      },
      json: { _, _ in #"{"weight": 2}"# }),
    Endpoints.removeMember.route: Rule(
      roles: managers, inArchive: false, path: { fixture, _ in [fixture.roles.guests[1]] },
      query: "?force=true"),
    Endpoints.categories.route: read(),
    Endpoints.addCategory.route: Rule(
      roles: writers, inArchive: false, json: { _, _ in #"{"name": "\#(ID(at: .now))"}"# }),
    Endpoints.addStandardCategories.route: Rule(roles: writers, inArchive: false),
    Endpoints.category.route: read { [$0.category] },
    Endpoints.changeCategory.route: Rule(
      roles: writers, inArchive: false, path: { fixture, _ in [fixture.category] },
      json: { _, _ in #"{"name": "\#(ID(at: .now))"}"# }),
    Endpoints.removeCategory.route: Rule(
      roles: managers, inArchive: false, path: { fixture, cell in [fixture.categories[cell.role] ?? .first] }),
    Endpoints.recurring.route: read(),
    Endpoints.makeRecurring.route: Rule(
      roles: writers, inArchive: false,
      json: { fixture, _ in
        let (one, two) = (fixture.roles.guests[0], fixture.roles.guests[1])
        return
          #"{"template": {"payment": {"from": "\#(one)", "to": "\#(two)", "amount": 3}}, "every": {"n": 1, "unit": "year"}, "from": "2030-01-01"}"#
      }),
    Endpoints.recurringRule.route: read { [$0.rule] },
    Endpoints.changeRecurring.route: reviseRule(Endpoints.changeRecurring.route, #"{"times": 50}"#),
    Endpoints.removeRecurring.route: reviseRule(Endpoints.removeRecurring.route),
    Endpoints.recurringPreview.route: read { [$0.rule] },
    Endpoints.occurrences.route: read { [$0.rule] },
    Endpoints.confirmOccurrence.route: Rule(
      roles: writers, inArchive: false, inClosed: false, path: { fixture, _ in [fixture.rule, 0] }),
    Endpoints.skipOccurrence.route: Rule(
      roles: writers, inArchive: false, path: { fixture, _ in [fixture.rule, 1] }),
    Endpoints.memberPhoto.route: read { [$0.id(.owner)] },
    Endpoints.entries.route: read(),
    Endpoints.entry.route: read { [$0.expense] },
    Endpoints.deleteEntry.route: revise(Endpoints.deleteEntry.route),
    Endpoints.restoreEntry.route: revise(Endpoints.restoreEntry.route),
    Endpoints.history.route: read { [$0.expense] },
    Endpoints.setReceipt.route: revise(Endpoints.setReceipt.route, place: [1]),
    Endpoints.receipt.route: read { [$0.expense, 1] },
    Endpoints.removeReceipt.route: revise(Endpoints.removeReceipt.route, place: [1]),
    Endpoints.receipts.route: read(),
    Endpoints.comments.route: read { [$0.expense] },
    Endpoints.createComment.route: Rule(
      roles: writers, inArchive: false, path: { fixture, _ in [fixture.expense] },
      json: { _, _ in #"{"text": "x"}"# }),
    Endpoints.expenses.route: read(),
    Endpoints.createExpense.route: enter {
      #"{"description": "x", "amount": 3, "payer": "\#($0.roles.guests[0])", "participants": ["\#($0.roles.guests[0])"]}"#
    },
    Endpoints.expense.route: read { [$0.expense] },
    Endpoints.changeExpense.route: revise(Endpoints.changeExpense.route, #"{"amount": 5}"#),
    Endpoints.deleteExpense.route: revise(Endpoints.deleteExpense.route),
    Endpoints.payments.route: read(),
    Endpoints.createPayment.route: enter {
      #"{"from": "\#($0.roles.guests[0])", "to": "\#($0.roles.guests[1])", "amount": 3}"#
    },
    Endpoints.payment.route: read { [$0.payment] },
    Endpoints.changePayment.route: revise(Endpoints.changePayment.route, #"{"amount": 5}"#),
    Endpoints.deletePayment.route: revise(Endpoints.deletePayment.route),
    Endpoints.kitty.route: read(),
    Endpoints.setTargets.route: Rule(
      roles: writers, inArchive: false,
      json: { fixture, _ in #"{"targets": [{"member": "\#(fixture.roles.guests[0])", "amount": 5}]}"# }),
    Endpoints.createCount.route: enter { _ in #"{"counted": 0}"# },
    Endpoints.balances.route: read(),
    Endpoints.statement.route: read { [$0.roles.guests[0]] },
    Endpoints.debts.route: read(),
    Endpoints.settlement.route: read(),
    Endpoints.statistics.route: read(),
    Endpoints.balanceSeries.route: read(),
    Endpoints.chart.route: read { _ in ["spending.svg"] },
    Endpoints.rounds.route: read(),
    Endpoints.createRound.route: Rule(roles: writers, inArchive: false, json: { _, _ in "{}" }),
    Endpoints.round.route: read { [$0.round] },
    Endpoints.bookPayment.route: Rule(
      roles: writers, inArchive: false, inClosed: false, path: { fixture, _ in [fixture.round, 1] }),
    Endpoints.endRound.route: Rule(
      roles: writers, inArchive: false, path: { fixture, _ in [fixture.round] }),
    Endpoints.export.route: read(),
    // The group has other members, so the import is refused for the owner too; `GroupFileTests` has a valid one.
    Endpoints.importGroup.route: Rule(
      roles: [.owner], inArchive: false, otherwise: { _ in (409, "not_empty") },
      json: { fixture, _ in fixture.file }),
    Endpoints.importFile.route: Rule(roles: [.owner, .admin], inArchive: false, inClosed: false),
    Endpoints.imports.route: read(),
    // `FileImportTests` undoes one that is there.
    Endpoints.undoImport.route: Rule(
      roles: [.owner, .admin], inArchive: false, otherwise: { _ in (404, "not_found") },
      path: { _, _ in [ID.last] }),
  ]

  /// The routes that require a membership, in the order of the table.
  private static let routes = Endpoints.all.filter { route in
    guard case .member = route.access else { return false }
    return true
  }

  /// The expected status of a cell, and the code of an error.
  private static func expected(_ route: Route, _ rule: Rule, _ cell: Cell) -> (status: Int, code: String?) {
    if cell.state == .deleted, route != Endpoints.restoreGroup.route { return (404, "not_found") }
    guard rule.roles.contains(cell.role) else { return (403, "not_allowed") }
    if cell.state == .archived, !rule.inArchive { return (409, "archived") }
    if let (status, code) = rule.otherwise(cell) { return (status, code) }
    if cell.state == .closed, !rule.inClosed { return (409, "closed") }
    return (route.success, nil)
  }

  private static func expect(_ answer: Answer, _ expected: (status: Int, code: String?), _ what: String)
    throws
  {
    #expect(answer.status == expected.status, "\(what): \(answer.text.prefix(300))")
    guard let code = expected.code, answer.status >= 400 else { return }
    #expect(try answer.problem().code == code, "\(what): \(answer.text.prefix(300))")
  }

  @Test func everyRouteOfAGroupHasARule() {
    #expect(Set(Self.rules.keys) == Set(Self.routes))
  }

  @Test(arguments: Backend.available, State.allCases)
  func everyRoleHasExactlyItsRights(backend: Backend, state: State) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let empty = try await AccessMatrixFixture(on: server)
      // In states that allow no change, the setting does not matter.
      for ownOnly in state == .open || state == .closed ? [false, true] : [false] {
        let fixture = try await empty.prepared(state, ownOnly: ownOnly)
        for route in Self.routes {
          guard let rule = Self.rules[route], !ownOnly || rule.hasSubject else { continue }
          for role in RoleFixture.withAccount {
            for subject in rule.hasSubject ? Subject.allCases : [.own] {
              let cell = Cell(role: role, state: state, subject: subject, ownOnly: ownOnly)
              let what = "\(route.method.rawValue) \(route.path) by \(role), \(state), \(subject), \(ownOnly)"
              let answer = try await fixture.send(route, rule, cell, token: fixture.roles.tokens[role])
              try Self.expect(answer, Self.expected(route, rule, cell), what)
              if route.method != .get, answer.status < 300 {
                try await fixture.reset(state, ownOnly: ownOnly)
              }
            }
          }
        }
      }
      try await GroupFixture.expectClean(server)
    }
  }

  /// Members have no access to another group, former members none to the old one, whatever their role.
  @Test(arguments: Backend.available) func formerMembersAndOutsidersHaveNoAccess(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let fixture = try await AccessMatrixFixture(on: server).prepared(.open, ownOnly: false)
      let other = try await server.makeGroup(try await server.signUp("outsider")).group.id
      let former = try await server.signUp("former")
      _ = try await server.join(
        fixture.roles.group, former, as: .admin, invitedBy: fixture.roles.tokens[.owner] ?? "")
      let left = try await server.send("POST", "/v1/groups/\(fixture.roles.group)/leave", token: former)
      #expect(left.status == 204, "\(left.text)")
      for route in Self.routes {
        guard let rule = Self.rules[route] else { continue }
        for role in RoleFixture.withAccount {
          let cell = Cell(role: role, state: .open, subject: .own, ownOnly: false)
          let what = "\(route.method.rawValue) \(route.path) by \(role)"
          let token = fixture.roles.tokens[role]
          try Self.expect(
            try await fixture.send(route, rule, cell, token: token, group: other), (404, "not_found"), what)
        }
        let cell = Cell(role: .owner, state: .open, subject: .own, ownOnly: false)
        let what = "\(route.method.rawValue) \(route.path)"
        try Self.expect(
          try await fixture.send(route, rule, cell, token: former), (404, "not_found"),
          "\(what) by a former member")
        try Self.expect(
          try await fixture.send(route, rule, cell, token: nil), (401, "sign_in_needed"),
          "\(what) without a token")
      }
    }
  }
}
