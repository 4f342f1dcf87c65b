import Foundation
import KittyShared
import Synchronization
import TestSupport
import Testing

@testable import KittyTUI

/// The place of every route of the API in the client. A new route needs a line here, or a reason in
/// `ContractOperation.unneeded`: a person must be able to do everything that the API can.
struct RouteTableTests {
  enum Place: Sendable {
    /// Screens and keys, with the effect that sends the route.
    case screen(String, Effect? = nil)
    /// A command.
    case command(String)

    var effect: Effect? {
      switch self {
      case .screen(_, let effect): effect
      case .command: nil
      }
    }

    var command: String? {
      switch self {
      case .command(let name): name
      case .screen: nil
      }
    }
  }

  private static let group = Fixtures.id(90)
  private static let member = Fixtures.id(2)
  private static let entry = Fixtures.id(101)

  /// Signing in, and the account.
  private static let account: [String: Place] = [
    "POST /v1/users": .screen("Sign in › ^T", .signUp(name: "anna", password: "a long password")),
    "POST /v1/sessions": .screen(
      "Sign in › Enter; login", .signIn(name: "anna", password: "a long password")),
    "DELETE /v1/sessions/current": .screen("Groups › S; You › Sign out; logout", .signOut),
    "POST /v1/password-resets": .screen(
      "Sign in › ^R", .you(.requestReset(PasswordResetRequest(email: "anna@example.org")))),
    "PUT /v1/password": .screen(
      "Sign in › ^R ^T", .you(.resetPassword(PasswordReset(token: "t", password: "a long password")))),
    "GET /v1/me": .screen("Groups › U", .loadAccount),
    "GET /v1/me/export": .command("export"),
    "PATCH /v1/me": .screen(
      "You › Name, Address, Time zone, Currency", .you(.change(version: 1, UserChange(displayName: "Anna")))),
    "DELETE /v1/me": .screen(
      "You › End account", .you(.delete(AccountDeletion(password: "a long password")))),
    "PUT /v1/me/password": .screen(
      "You › Password", .you(.changePassword(PasswordChange(current: "old password", new: "new password")))),
    "POST /v1/me/email/confirmation": .screen("You › Confirm › ^R", .you(.requestConfirmation)),
    "PUT /v1/me/email/confirmation": .screen(
      "You › Confirm; confirm-email", .you(.confirmEmail(EmailConfirmation(token: "t")))),
    "GET /v1/me/photo": .screen("You › Photo; Groups › P", .loadPreview(.me)),
    "PUT /v1/me/photo": .screen("You › Photo › c", .upload(.me, path: picture)),
    "DELETE /v1/me/photo": .screen("You › Photo › d", .removePhoto(.me)),
    "GET /v1/me/sessions": .screen("You › Sessions", .you(.loadSessions)),
    "DELETE /v1/me/sessions/{session}": .screen("You › Sessions › d", .you(.endSession(member))),
    "DELETE /v1/me/sessions": .screen("You › Sessions › D", .you(.endOtherSessions)),
    "GET /v1/me/tokens": .screen("You › API tokens", .you(.loadTokens)),
    "POST /v1/me/tokens": .screen(
      "You › API tokens › n", .you(.createToken(NewToken(name: "backup", scopes: [.read])))),
    "GET /v1/me/tokens/{token}": .screen("You › API tokens › Enter", .you(.loadToken(member))),
    "DELETE /v1/me/tokens/{token}": .screen("You › API tokens › d", .you(.revokeToken(member))),
    "DELETE /v1/me/tokens": .screen("You › API tokens › D", .you(.revokeTokens)),
    "GET /v1/me/keys": .screen("You › Keys of ssh; keys", .you(.loadKeys)),
    "POST /v1/me/keys": .screen(
      "You › Keys of ssh › n; keys add", .you(.addKey(NewSSHKey(key: "ssh-ed25519 AAAA")))),
    "DELETE /v1/me/keys/{key}": .screen("You › Keys of ssh › d; keys remove", .you(.removeKey(member))),
    "POST /v1/sessions/challenges": .command("login"),
    "POST /v1/sessions/by-key": .command("login"),
    "GET /v1/me/second-factor": .screen("You › Second factor", .you(.loadSecondFactor)),
    "POST /v1/me/second-factor": .screen(
      "You › Second factor › Enter", .you(.beginSecondFactor(NewSecondFactor(password: "a long password")))),
    "PUT /v1/me/second-factor": .screen(
      "You › Second factor › Enter › Enter",
      .you(.confirmSecondFactor(SecondFactorConfirmation(code: "123456")))),
    "DELETE /v1/me/second-factor": .screen(
      "You › Second factor › d",
      .you(.removeSecondFactor(SecondFactorRemoval(password: "a long password", code: "123456")))),
    "GET /v1/me/balances": .command("balances"), "GET /v1/me/entries": .command("search"),
  ]

  /// Groups, members and invites.
  private static let groups: [String: Place] = [
    "GET /v1/groups": .screen("Groups, › v; groups", .loadGroups(.inUse)),
    "POST /v1/groups": .screen("Groups › n", .createGroup(NewGroup(name: "Flat", currency: Fixtures.eur))),
    "GET /v1/groups/{group}": .screen("Groups › Enter", .loadGroup(group)),
    "PATCH /v1/groups/{group}": .screen(
      "Groups › e, A; Group › S", .changeGroup(group, version: 1, GroupChange(name: "Flat"))),
    "DELETE /v1/groups/{group}": .screen("Groups › D; Group › S › D", .deleteGroup(group, force: false)),
    "POST /v1/groups/{group}/restore": .screen("Groups › v v A", .restoreGroup(group)),
    "PUT /v1/groups/{group}/owner": .screen("Group › M › o"),
    "POST /v1/groups/{group}/leave": .screen("Group › M › L"),
    "GET /v1/groups/{group}/photo": .screen("Group › p", .loadPreview(.group(group))),
    "PUT /v1/groups/{group}/photo": .screen("Group › p › c; photo", .upload(.group(group), path: picture)),
    "DELETE /v1/groups/{group}/photo": .screen("Group › p › d", .removePhoto(.group(group))),
    "GET /v1/groups/{group}/members": .screen("Groups › Enter", .loadGroup(group)),
    "POST /v1/groups/{group}/members": .screen(
      "Group › m", .addMember(group: group, NewMember(id: member, name: "Bob"))),
    "PATCH /v1/groups/{group}/members/{member}": .screen(
      "Group › Tab › e; M › c, e",
      .changeMember(group: group, member: member, version: 1, MemberChange(name: "Bob"))),
    "DELETE /v1/groups/{group}/members/{member}": .screen(
      "Group › Tab › d; M › d", .removeMember(group: group, member: member)),
    "GET /v1/groups/{group}/members/{member}/photo": .screen("Group › M › p"),
    "GET /v1/groups/{group}/categories": .screen("Groups › Enter; categories", .loadGroup(group)),
    "POST /v1/groups/{group}/categories": .screen(
      "Group › S › Categories › n; categories add",
      .addCategory(group: group, NewCategory(id: member, name: "Pets"))),
    "POST /v1/groups/{group}/categories/standard": .screen(
      "Group › S › Categories › s; categories standard", .addStandardCategories(group)),
    "PATCH /v1/groups/{group}/categories/{category}": .screen(
      "Group › S › Categories › e, A; categories rename, move, archive",
      .changeCategory(group: group, category: member, version: 1, CategoryChange(name: "Pets"))),
    "DELETE /v1/groups/{group}/categories/{category}": .screen(
      "Group › S › Categories › d; categories remove", .removeCategory(group: group, category: member)),
    "GET /v1/groups/{group}/recurring": .screen(
      "Group › S › Recurring; recurring", .loadRecurring(group)),
    "POST /v1/groups/{group}/recurring": .screen(
      "Group › S › Recurring › n; recurring add, pay",
      .makeRecurring(
        group: group,
        NewRecurring(
          id: member,
          template: RecurringTemplate(
            payment: NewPayment(from: .member(member), to: .kitty, amount: .minorUnits(1))),
          every: Every(1, .month), from: Day(daysSince1970: 20_000)))),
    "GET /v1/groups/{group}/recurring/{rule}": .screen(
      "Group › S › Recurring › Enter", .loadRule(group: group, rule: member)),
    "GET /v1/groups/{group}/recurring/{rule}/preview": .screen(
      "Group › S › Recurring › Enter; recurring preview", .loadRule(group: group, rule: member)),
    "GET /v1/groups/{group}/recurring/{rule}/occurrences": .screen(
      "Group › S › Recurring › Enter; recurring days", .loadRule(group: group, rule: member)),
    "PATCH /v1/groups/{group}/recurring/{rule}": .screen(
      "Group › S › Recurring › e; recurring change",
      .changeRecurring(group: group, rule: member, version: 1, RecurringChange())),
    "DELETE /v1/groups/{group}/recurring/{rule}": .screen(
      "Group › S › Recurring › d; recurring remove", .removeRecurring(group: group, rule: member)),
    "POST /v1/groups/{group}/recurring/{rule}/occurrences/{k}/confirm": .screen(
      "Group › S › Recurring › Enter › c; recurring confirm",
      .confirmOccurrence(group: group, rule: member, 3)),
    "POST /v1/groups/{group}/recurring/{rule}/occurrences/{k}/skip": .screen(
      "Group › S › Recurring › Enter › s; recurring skip", .skipOccurrence(group: group, rule: member, 3)),
    "PUT /v1/groups/{group}/entries/{entry}/receipts/{receipt}": .screen(
      "Group › Enter › r › n; receipt",
      .addReceipt(group: group, Fixtures.expenses[0], path: picture)),
    "GET /v1/groups/{group}/entries/{entry}/receipts/{receipt}": .screen(
      "Group › Enter › r › Enter, s; receipt --read", .loadReceipt(group: group, entry: entry, 1)),
    "DELETE /v1/groups/{group}/entries/{entry}/receipts/{receipt}": .screen(
      "Group › Enter › r › d; receipt --remove", .removeReceipt(group: group, entry: entry, 1)),
    "GET /v1/groups/{group}/receipts.zip": .command("receipts"),
    "POST /v1/groups/{group}/imports": .screen(
      "Groups › I; Group › I; import", .importFile(.group(group), path: picture, ImportWishes())),
    "POST /v1/imports": .screen(
      "Groups › I; import --dry-run",
      .previewImport(.new(NewGroup(id: group, name: "")), path: picture, ImportWishes())),
    "GET /v1/groups/{group}/imports": .screen("Group › S › Imports; imports", .loadImports(group)),
    "DELETE /v1/groups/{group}/imports/{import}": .screen(
      "Group › S › Imports › u; imports --undo",
      .undoImport(group: group, Fixtures.imports[0], force: false)),
    "GET /v1/groups/{group}/invites": .screen("Group › v", .loadInvites(group)),
    "POST /v1/groups/{group}/invites": .screen(
      "Group › v › n", .createInvite(group: group, NewInvite(id: member))),
    "DELETE /v1/groups/{group}/invites/{invite}": .screen(
      "Group › v › d", .revokeInvite(group: group, invite: member)),
    "POST /v1/invites/lookup": .screen("Groups › i", .lookUpInvite(InviteCode(code: "c"))),
    "POST /v1/invites/accept": .screen("Groups › i › Enter", .acceptInvite(InviteCode(code: "c"))),
    "GET /v1/groups/{group}/export": .screen(
      "Group › S › x; export",
      .export(
        group: group, .json, path: NSTemporaryDirectory() + "kittycash-route-table.json", replaces: true)),
    "POST /v1/groups/{group}/import": .screen("Groups › I"),
  ]

  /// The books.
  private static let books: [String: Place] = [
    "GET /v1/groups/{group}/entries": .screen("Groups › Enter; entries", .loadGroup(group)),
    "GET /v1/groups/{group}/entries/{entry}": .screen(
      "Group › Enter", .loadEntry(group: group, entry: entry)),
    "DELETE /v1/groups/{group}/entries/{entry}": .screen(
      "Group › d", .deleteEntry(group: group, entry: entry)),
    "POST /v1/groups/{group}/entries/{entry}/restore": .screen(
      "Group › u", .restoreEntry(group: group, entry: entry)),
    "GET /v1/groups/{group}/entries/{entry}/history": .screen(
      "Group › Enter", .loadEntry(group: group, entry: entry)),
    "GET /v1/groups/{group}/entries/{entry}/comments": .screen(
      "Group › Enter", .loadEntry(group: group, entry: entry)),
    "POST /v1/groups/{group}/entries/{entry}/comments": .screen(
      "Entry › c", .createComment(group: group, entry: entry, NewComment(id: member, text: "Hello"))),
    "POST /v1/groups/{group}/expenses": .screen(
      "Group › a; add",
      .createExpense(
        group: group,
        NewExpense(
          id: entry, description: "Dinner", amount: .minorUnits(1), currency: Fixtures.eur, payer: .kitty))),
    "PATCH /v1/groups/{group}/expenses/{expense}": .screen(
      "Entry › e",
      .changeExpense(group: group, expense: entry, version: 1, ExpenseChange())),
    "POST /v1/groups/{group}/payments": .screen(
      "Group › y, s; settle --pay",
      .createPayment(
        group: group,
        NewPayment(
          id: entry, from: .member(member), to: .kitty, amount: .minorUnits(1), currency: Fixtures.eur))),
    "PATCH /v1/groups/{group}/payments/{payment}": .screen(
      "Entry › e",
      .changePayment(group: group, payment: entry, version: 1, PaymentChange())),
    "GET /v1/groups/{group}/kitty": .screen("Group › i", .loadKitty(group)),
    "PUT /v1/groups/{group}/kitty/targets": .screen(
      "Kitty › Enter", .setTargets(group: group, TargetsChange(currency: Fixtures.eur, targets: []))),
    "POST /v1/groups/{group}/kitty/counts": .screen(
      "Group › t",
      .createCount(group: group, NewCount(id: entry, counted: .minorUnits(1), currency: Fixtures.eur))),
    "GET /v1/groups/{group}/balances": .screen("Group › b; balances", .loadGroup(group)),
    "GET /v1/groups/{group}/accounts/{account}/statement": .screen(
      "Group › Tab › Enter", .loadStatement(group: group, account: .kitty, currency: nil, cursor: nil)),
    "GET /v1/groups/{group}/statistics": .screen(
      "Group › c; stats", .loadStatistics(group: group, by: .month)),
    "GET /v1/groups/{group}/debts": .screen("Settle › d", .loadDebts(group)),
    "GET /v1/groups/{group}/settlements": .screen("Group › s › R; settle --round", .loadRound(group)),
    "POST /v1/groups/{group}/settlements": .screen(
      "Group › s › R › n; settle --begin-round", .beginRound(group: group, NewSettlingRound(id: member))),
    "POST /v1/groups/{group}/settlements/{settlement}/payments/{number}": .screen(
      "Group › s › R › Space; settle --book", .bookPayments(group: group, round: member, [1])),
    "DELETE /v1/groups/{group}/settlements/{settlement}": .screen(
      "Group › s › R › E; settle --end-round", .endRound(group: group, round: member)),
    "GET /v1/groups/{group}/settlement": .screen("Group › s; settle", .loadPlan(group: group, centre: nil)),
  ]

  private static let parts = [account, groups, books]
  static let table: [String: Place] = parts.reduce(into: [:]) { table, part in
    table.merge(part) { first, _ in first }
  }

  @Test func everyRouteHasItsPlace() {
    let routes = Set(ContractOperation.all.subtracting(ContractOperation.unneeded.keys).map(\.name))
    let places = Set(Self.table.keys)
    #expect(routes.subtracting(places).isEmpty, "routes without a place in the client")
    #expect(places.subtracting(routes).isEmpty, "places of routes that do not exist")
    let count = Self.parts.reduce(0) { $0 + $1.count }
    #expect(places.count == count, "a route with two places")
  }

  @Test func everyCommandExists() {
    let names = Set(KittyTUI.configuration.subcommands.compactMap { $0.configuration.commandName })
    for command in Self.table.values.compactMap(\.command) {
      #expect(names.contains(command), "there is no command \(command)")
    }
  }

  @Test(arguments: table.keys.sorted()) func effectOfThePlaceSendsTheRoute(route: String) async throws {
    guard let effect = Self.table[route]?.effect else { return }
    let seen = Mutex<[String]>([])
    let server = try FakeServer { request in
      seen.withLock { $0.append(request.line) }
      return Self.answer(request)
    }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = EffectRunner(
      server: try ServerAddress("http://127.0.0.1:\(server.port)"),
      tokens: TokenFile(server: .standard, environment: ["HOME": "/nowhere"]), token: "t", home: "/"
    ) { $0.forEach { report.yield($0) } }
    runner.run(effect)
    for await event in events { if case .finished = event { break } }
    let lines = seen.withLock { $0 }
    #expect(lines.contains { Self.matches($0, route) }, "\(route) is not among \(lines)")
  }

  /// `true` for a request line such as `GET /v1/groups/0199…?limit=3 HTTP/1.1` of a route.
  private static func matches(_ line: String, _ route: String) -> Bool {
    let sent = line.split(separator: " ")
    return sent.count > 1
      && ContractOperation(route).matches(method: String(sent[0]), path: String(sent[1].prefix { $0 != "?" }))
  }

  /// The answers of reads that others follow; everything else does not exist.
  private static func answer(_ request: FakeServer.Request) -> (status: Int, body: String) {
    func json(_ value: some Encodable) -> (status: Int, body: String) {
      (200, String(decoding: (try? JSON.encode(value)) ?? Data(), as: UTF8.self))
    }
    let path = "GET /v1/groups/\(group)"
    switch request.line.split(separator: "?")[0].replacing(" HTTP/1.1", with: "") {
    case path: return json(Fixtures.group())
    case "\(path)/members", "\(path)/entries", "\(path)/entries/\(entry)/comments":
      return (200, "{\"items\":[]}")
    case "\(path)/recurring/\(member)": return json(Fixtures.rules[0])
    case "\(path)/recurring/\(member)/occurrences": return (200, "{\"items\":[]}")
    case "\(path)/balances": return (200, "{\"balances\":[]}")
    case "\(path)/entries/\(entry)": return json(Fixtures.expenses[0])
    case "\(path)/entries/\(entry)/history": return (200, "{\"revisions\":[]}")
    default: return (404, json(Problem(Rejection.notFound("thing"))).body)
    }
  }

  /// The path of a file that begins like a JPEG.
  private static let picture: String = {
    let path = NSTemporaryDirectory() + "kittycash-route-table.jpg"
    let bytes: [UInt8] = [0xff, 0xd8, 0xff, 0xe0] + [UInt8](repeating: 0, count: 60)
    _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    return path
  }()
}
