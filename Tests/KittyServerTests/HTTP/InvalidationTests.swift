import KittyShared
import Testing

@testable import KittyServer

/// Changes something through each route that is not a GET, on one server, and reads every GET there and on another
/// one: both must return the same as a server without caches. Generated from the route table: a new route without a
/// request here fails.
@Suite(.enabled(if: Backend.postgresURL != nil && Backend.redisURL != nil, "`make test` starts both"))
struct InvalidationTests {
  /// A request that changes something through its route.
  struct Change: Sendable {
    typealias Fixture = InvalidationFixture
    /// The user who sends it.
    enum Sender { case owner, member, outsider }

    var by = Sender.owner
    /// Brings the fixture into a state in which the request changes something.
    var prepare: @Sendable (inout Fixture) async throws -> Void = { _ in }
    /// The parameters of the path, after the group.
    var path: @Sendable (Fixture) -> [any CustomStringConvertible & Sendable] = { _ in [] }
    var query = ""
    /// The JSON body; `nil` for a request without one.
    var json: @Sendable (Fixture) async throws -> String? = { _ in nil }
    /// `false` when no GET shows the change.
    var isVisible = true
  }

  private static let account: [Route: Change] = [
    // No GET shows a user before they sign in.
    Endpoints.signUp.route: Change(
      json: { _ in #"{"name": "n\#("\(ID(at: .now))".suffix(12))", "password": "a long password"}"# },
      isVisible: false),
    Endpoints.signIn.route: Change(json: { #"{"name": "\#($0.name)", "password": "a long password"}"# }),
    Endpoints.signInChallenge.route: Change(),
    Endpoints.signInByKey.route: Change(
      prepare: { try await $0.prepareKeySession() }, json: { $0.secret }),
    Endpoints.signOut.route: Change(by: .member),
    Endpoints.changeMe.route: Change(by: .member, json: { _ in #"{"displayName": "Changed"}"# }),
    Endpoints.deleteMe.route: Change(by: .member, json: { _ in #"{"password": "a long password"}"# }),
    Endpoints.changePassword.route: Change(
      by: .member, json: { _ in #"{"current": "a long password", "new": "another password"}"# }),
    Endpoints.requestEmailConfirmation.route: Change(
      by: .member, prepare: { try await $0.setAddress() }),
    Endpoints.confirmEmail.route: Change(
      by: .member, prepare: { try await $0.insertConfirmationToken() },
      json: { #"{"token": "\#($0.secret)"}"# }),
    Endpoints.requestPasswordReset.route: Change(json: { _ in #"{"email": "bob@example.org"}"# }),
    Endpoints.resetPassword.route: Change(
      prepare: { try await $0.insertResetToken() },
      json: { #"{"token": "\#($0.secret)", "password": "another password"}"# }),
    Endpoints.setMyPhoto.route: Change(by: .member),
    Endpoints.removeMyPhoto.route: Change(
      by: .member, prepare: { try await $0.putPhoto("/v1/me/photo", $0.member) }),
    Endpoints.endSession.route: Change(by: .member, path: { [$0.otherSessionID] }),
    Endpoints.endOtherSessions.route: Change(by: .member),
    Endpoints.createToken.route: Change(
      by: .member, json: { _ in #"{"name": "new", "scopes": ["read"]}"# }),
    Endpoints.revokeToken.route: Change(by: .member, path: { [$0.token.id] }),
    Endpoints.revokeTokens.route: Change(by: .member),
    Endpoints.addSSHKey.route: Change(
      by: .member, json: { _ in #"{"key": "\#(SSHKeyPair.anyLine)"}"# }),
    Endpoints.writeAccountFile.route: Change(
      by: .member, path: { [$0.memberID] }, json: { _ in #"{"content": "text"}"# }),
    Endpoints.removeAccountFile.route: Change(
      by: .member, prepare: { try await $0.writeFile($0.memberID) }, path: { [$0.memberID] }),
    Endpoints.createUpload.route: Change(by: .member, json: { _ in "{}" }),
    Endpoints.upload.route: Change(
      prepare: { try await $0.prepareUpload() }),
    Endpoints.removeSSHKey.route: Change(
      by: .member, prepare: { try await $0.addKey(SSHKeyPair.anyLine) }, path: { [$0.key] }),
    Endpoints.beginSecondFactor.route: Change(
      by: .member, json: { _ in #"{"password": "a long password"}"# }),
    Endpoints.confirmSecondFactor.route: Change(
      by: .member, prepare: { try await $0.beginSecondFactor() },
      json: { #"{"code": "\#(try await $0.authenticatorCode())"}"# }),
    Endpoints.removeSecondFactor.route: Change(
      by: .member, prepare: { try await $0.enableSecondFactor() },
      json: { #"{"password": "a long password", "code": "\#($0.secret)"}"# }),
  ]

  private static let groups: [Route: Change] = [
    Endpoints.createGroup.route: Change(json: { _ in #"{"name": "New", "currency": "EUR"}"# }),
    Endpoints.changeGroup.route: Change(json: { #"{"closedUntil": "\#($0.today)"}"# }),
    Endpoints.deleteGroup.route: Change(query: "?force=true"),
    Endpoints.restoreGroup.route: Change(
      prepare: { try await $0.send("DELETE", "?force=true", success: 204) }),
    Endpoints.handOver.route: Change(json: { #"{"member": "\#($0.memberID)"}"# }),
    Endpoints.leaveGroup.route: Change(by: .member),
    Endpoints.setGroupPhoto.route: Change(),
    Endpoints.removeGroupPhoto.route: Change(
      prepare: { try await $0.putPhoto("/v1/groups/\($0.group)/photo", $0.owner) }),
    Endpoints.addMember.route: Change(json: { _ in #"{"name": "Dora"}"# }),
    Endpoints.changeMember.route: Change(
      path: { [$0.memberID] }, json: { _ in #"{"role": "viewer", "weight": 3}"# }),
    Endpoints.removeMember.route: Change(path: { [$0.memberID] }, query: "?force=true"),
    Endpoints.addCategory.route: Change(json: { _ in #"{"name": "Pets"}"# }),
    Endpoints.addStandardCategories.route: Change(),
    Endpoints.changeCategory.route: Change(
      path: { [$0.category] }, json: { _ in #"{"name": "Fun", "archived": true}"# }),
    Endpoints.removeCategory.route: Change(path: { [$0.category] }, query: "?into=none"),
    Endpoints.createInvite.route: Change(json: { _ in "{}" }),
    Endpoints.revokeInvite.route: Change(path: { [$0.invite.id] }),
    Endpoints.lookUpInvite.route: Change(by: .outsider, json: { #"{"code": "\#($0.invite.code)"}"# }),
    Endpoints.acceptInvite.route: Change(by: .outsider, json: { #"{"code": "\#($0.invite.code)"}"# }),
    Endpoints.importGroup.route: Change(
      prepare: { try await $0.moveToEmptyGroup() }, json: { $0.secret }),
    Endpoints.importFile.route: Change(),
    Endpoints.previewImport.route: Change(query: "?dryRun=true"),
    Endpoints.undoImport.route: Change(
      prepare: { try await $0.importFile() }, path: { [$0.secret] }),
  ]

  private static let books: [Route: Change] = [
    Endpoints.deleteEntry.route: Change(path: { [$0.expense] }),
    Endpoints.restoreEntry.route: Change(
      prepare: { try await $0.send("DELETE", "/entries/\($0.expense)", success: 204) },
      path: { [$0.expense] }),
    Endpoints.createComment.route: Change(path: { [$0.expense] }, json: { _ in #"{"text": "Paid"}"# }),
    Endpoints.setReceipt.route: Change(path: { [$0.expense, 1] }),
    Endpoints.removeReceipt.route: Change(
      prepare: {
        try await $0.putPhoto("/v1/groups/\($0.group)/entries/\($0.expense)/receipts/1", $0.owner)
      },
      path: { [$0.expense, 1] }),
    Endpoints.makeRecurring.route: Change(
      json: {
        #"{"template": {"payment": {"from": "\#($0.ownerID)", "to": "kitty", "amount": 5}}, "every": {"n": 1, "unit": "day"}, "from": "2030-01-01"}"#
      }),
    Endpoints.changeRecurring.route: Change(path: { [$0.rule] }, json: { _ in #"{"times": 50}"# }),
    Endpoints.removeRecurring.route: Change(path: { [$0.rule] }),
    Endpoints.confirmOccurrence.route: Change(path: { [$0.rule, 0] }),
    Endpoints.skipOccurrence.route: Change(path: { [$0.rule, 0] }),
    Endpoints.createExpense.route: Change(
      json: { #"{"description": "Rent", "amount": 900, "payer": "\#($0.guest)"}"# }),
    Endpoints.changeExpense.route: Change(path: { [$0.expense] }, json: { _ in #"{"amount": 500}"# }),
    Endpoints.deleteExpense.route: Change(path: { [$0.expense] }),
    Endpoints.createPayment.route: Change(
      json: { #"{"from": "\#($0.guest)", "to": "\#($0.ownerID)", "amount": 100}"# }),
    Endpoints.changePayment.route: Change(path: { [$0.payment] }, json: { _ in #"{"amount": 700}"# }),
    Endpoints.deletePayment.route: Change(path: { [$0.payment] }),
    Endpoints.setTargets.route: Change(
      json: { #"{"targets": [{"member": "\#($0.guest)", "amount": 500}]}"# }),
    Endpoints.createRound.route: Change(json: { _ in "{}" }),
    Endpoints.bookPayment.route: Change(
      prepare: { try await $0.beginRound() }, path: { [$0.round, 1] }),
    Endpoints.endRound.route: Change(prepare: { try await $0.beginRound() }, path: { [$0.round] }),
    Endpoints.createCount.route: Change(json: { _ in #"{"counted": 100}"# }),
  ]

  private static let writes = Endpoints.all.filter { $0.method != .get }

  @Test func everyRouteThatIsNotAGetHasARequest() {
    let tables = [Self.account, Self.groups, Self.books]
    #expect(Set(tables.flatMap(\.keys)) == Set(Self.writes))
    #expect(tables.map(\.count).reduce(0, +) == Self.writes.count)
  }

  @Test func getRoutesDeclareNoChange() {
    for route in Endpoints.all where route.method == .get {
      #expect(route.changes == .nothing, "\(route.path)")
    }
  }

  @Test func changesOfAccountsAreSeenOnBothServers() async throws { try await run(Self.account) }
  @Test func changesOfGroupsAreSeenOnBothServers() async throws { try await run(Self.groups) }
  @Test func changesOfBooksAreSeenOnBothServers() async throws { try await run(Self.books) }

  private func run(_ changes: [Route: Change]) async throws {
    try await InvalidationFixture.Servers.run { (servers) async throws in
      for route in Self.writes {
        guard let change = changes[route] else { continue }
        var fixture = try await InvalidationFixture(
          on: servers, isMemberNew: Self.account.keys.contains(route))
        try await change.prepare(&fixture)
        try await expect(route, change, fixture)
      }
    }
  }

  private func expect(_ route: Route, _ change: Change, _ fixture: InvalidationFixture) async throws {
    let (first, second, uncached) = (fixture.servers.first, fixture.servers.second, fixture.servers.uncached)
    let name = "\(route.method.rawValue) \(route.path), which declares .\(route.changes)"
    // Both servers have everything in their caches.
    let before = try await fixture.view(of: uncached)
    for server in [first, second] { try await until { try await fixture.view(of: server) == before } }

    let answer = try await fixture.send(route, change)
    try #require(answer.status == route.success, "\(name): \(answer.text)")

    let after = try await fixture.view(of: uncached)
    let changed = InvalidationFixture.differences(before, after)
    #expect(
      changed.isEmpty == (route.changes == .nothing || !change.isVisible), "\(name): changed are \(changed)")
    let stale = InvalidationFixture.differences(try await fixture.view(of: first), after)
    #expect(stale.isEmpty, "\(name): stale on the server of the change are \(stale)")
    // Far less than the ten seconds after which cached values expire.
    let end = ContinuousClock.now + .seconds(4)
    var staleElsewhere: [String] = []
    repeat {
      staleElsewhere = InvalidationFixture.differences(try await fixture.view(of: second), after)
    } while !staleElsewhere.isEmpty && ContinuousClock.now < end
    #expect(staleElsewhere.isEmpty, "\(name): stale on the other server are \(staleElsewhere)")
  }
}
