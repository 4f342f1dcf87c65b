import Curl
import Foundation
import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// A group with an owner, a member with an account and a guest, something of each kind in it, and all that the GETs
/// return of them.
struct InvalidationFixture: Sendable {
  let servers: Servers
  /// The tokens of the users: the owner, the member, and a user outside of the group.
  var owner: String { servers.owner }
  let member: String
  var outsider: String { servers.outsider }
  /// The name of the member's account.
  let name: String
  /// Another session of the member.
  let otherSession: String
  let otherSessionID: ID
  /// The key of ssh that was added last.
  private(set) var key = ID.first
  /// An API token of the member.
  let token: APIToken
  var group: ID
  let ownerID: ID
  let memberID: ID
  let guest: ID
  let invite: Invite
  let expense: ID
  /// The category of the expense.
  let category = ID(at: .now)
  let payment: ID
  /// A rule for recurring entries with a proposal.
  let rule = ID(at: .now)
  /// The settling round that `beginRound` begins.
  let round = ID(at: .now)
  /// A token, a code or a file for the request.
  var secret = ""
  let today = Instant.now.day

  /// Two servers on one database and one Redis, and one without caches on the same database.
  struct Servers: Sendable {
    let first: TestServer
    let second: TestServer
    let uncached: TestServer
    let owner: String
    let outsider: String
    let member: Member

    /// A user with two sessions and an API token.
    struct Member: Sendable {
      let name: String
      let session: String
      let otherSession: String
      let token: APIToken
    }

    static func run(_ body: (Servers) async throws -> Void) async throws {
      let location = try await TestServer.DataLocation(on: .postgres)
      defer { location.remove() }
      let settings = [
        "DATA_DIR": location.folder, "SMTP_URL": "smtp://127.0.0.1:9", "SMTP_FROM": "kitty@example.org",
        "PUBLIC_URL": "https://kitty.example.org",
      ]
      try await TestServer.run(at: location, redis: Backend.redisURL, settings: settings) {
        (first) async throws in
        try await TestServer.run(at: location, redis: Backend.redisURL, settings: settings) {
          (second) async throws in
          try await TestServer.run(at: location, settings: settings) { (uncached) async throws in
            for server in [first, second] {
              try await until { server.dependencies.cache?.versions(of: []) != nil }
            }
            #expect(uncached.dependencies.cache == nil)
            try await body(
              Servers(
                first: first, second: second, uncached: uncached, owner: try await first.signUp("anna"),
                outsider: try await first.signUp("carl"), member: try await newMember("bob", on: first)))
          }
        }
      }
    }

    static func newMember(_ name: String, on server: TestServer) async throws -> Member {
      let session = try await server.signUp(name)
      return Member(
        name: name, session: session, otherSession: try await server.signIn(name),
        token: try await server.makeToken(session))
    }
  }

  /// - Parameter isMemberNew: `true` for a member with an account of their own, whose sessions may end.
  init(on servers: Servers, isMemberNew: Bool) async throws {
    self.servers = servers
    let server = servers.first
    let user =
      isMemberNew
      ? try await Servers.newMember("n" + "\(ID(at: .now))".suffix(12), on: server) : servers.member
    (name, member, otherSession, token) = (user.name, user.session, user.otherSession, user.token)
    let sessions = try await server.send("GET", "/v1/me/sessions", token: otherSession)
      .decode(Page<OpenSession>.self).items
    otherSessionID = try #require(sessions.first { $0.current }).id
    let (group, members) = try await server.makeGroup(servers.owner, guests: ["Guest"])
    (self.group, ownerID, guest) = (group.id, group.me, members[1].id)
    memberID = try await server.join(group.id, user.session, invitedBy: servers.owner).me
    invite = try await server.invite(group.id, servers.owner)
    func enter(_ path: String, _ json: String) async throws -> ID {
      let answer = try await server.send(
        "POST", "/v1/groups/\(group.id)\(path)", token: servers.owner, json: json)
      try #require(answer.status == 201, "\(answer.text)")
      return try answer.decode(Entry.self).id
    }
    let made = try await server.send(
      "POST", "/v1/groups/\(group.id)/categories", token: servers.owner,
      json: #"{"id": "\#(category)", "name": "Leisure"}"#)
    try #require(made.status == 201, "\(made.text)")
    expense = try await enter(
      "/expenses",
      #"{"description": "x", "amount": 300, "payer": "\#(group.me)", "participants": ["\#(guest)"], "category": "\#(category)"}"#
    )
    payment = try await enter(
      "/payments", #"{"from": "\#(group.me)", "to": "kitty", "amount": 5000}"#)
    let recurring = try await server.send(
      "POST", "/v1/groups/\(group.id)/recurring", token: servers.owner,
      json:
        #"{"id": "\#(rule)", "template": {"payment": {"from": "\#(group.me)", "to": "kitty", "amount": 5}}, "every": {"n": 1, "unit": "day"}, "from": "2026-01-01", "times": 1, "mode": "propose"}"#
    )
    try #require(recurring.status == 201, "\(recurring.text)")
    try await server.dependencies.recurringBooks.book(rule, in: group.id, at: .now)
  }

  /// Imports a file, and keeps the id of the import.
  mutating func importFile() async throws {
    let answer = try await servers.first.send(
      "POST", "/v1/groups/\(group)/imports", token: owner,
      body: .bytes(Array(ImportSamples.file(number: 1).utf8)))
    secret = "\(try #require(try answer.decode(ImportReport.self).id))"
  }

  /// Begins a settling round.
  func beginRound() async throws {
    let answer = try await servers.first.send(
      "POST", "/v1/groups/\(group)/settlements", token: owner, json: #"{"id": "\#(round)"}"#)
    try #require(answer.status == 201, "\(answer.text)")
  }

  // MARK: - Requests

  /// Sends the request of a table.
  func send(_ route: Route, _ change: InvalidationTests.Change) async throws -> Answer {
    let isOfGroup = route.path.contains("{group}")
    let first: [any CustomStringConvertible & Sendable] = isOfGroup ? [group] : []
    let path = route.path(first + change.path(self)) + change.query
    let sender: String? =
      switch change.by {
      case _ where route == Endpoints.upload.route: secret
      case _ where route.access == .anyone: nil
      case .owner: owner
      case .member: member
      case .outsider: outsider
      }
    let headers = route.method == .patch ? [("If-Match", "*")] : []
    if [Endpoints.importFile.route, Endpoints.previewImport.route].contains(route) {
      return try await servers.first.send(
        route.method.rawValue, path, token: sender, body: .bytes(Array(ImportSamples.file(number: 1).utf8)))
    }
    if route.body == .bytes {
      return try await servers.first.send(route.method.rawValue, path, token: sender, body: Self.picture)
    }
    guard let json = try await change.json(self) else {
      return try await servers.first.send(route.method.rawValue, path, token: sender, headers: headers)
    }
    return try await servers.first.send(
      route.method.rawValue, path, token: sender, json: json, headers: headers)
  }

  /// Sends a request about the group as its owner.
  func send(_ method: String, _ path: String, success: Int) async throws {
    let answer = try await servers.first.send(method, "/v1/groups/\(group)\(path)", token: owner)
    try #require(answer.status == success, "\(answer.text)")
  }

  private static let picture = HTTPRequest.Body.bytes(PNG.encode(16, 16) { x, y in (UInt8(x), UInt8(y), 9) })

  func putPhoto(_ path: String, _ token: String) async throws {
    let put = try await servers.first.send("PUT", path, token: token, body: Self.picture)
    try #require(put.status == 200, "\(put.text)")
  }

  /// Continues with a group without entries, and with the file of the one before.
  mutating func moveToEmptyGroup() async throws {
    secret = try await servers.first.send("GET", "/v1/groups/\(group)/export", token: owner).text
    group = try await servers.first.makeGroup(owner, guests: []).group.id
  }

  /// Gives the member an address, which is not confirmed.
  func setAddress() async throws {
    let changed = try await servers.first.send(
      "PATCH", "/v1/me", token: member,
      json: #"{"email": "\#(name)@example.org", "password": "a long password"}"#,
      headers: [("If-Match", "*")])
    try #require(changed.status == 200, "\(changed.text)")
  }

  /// Makes a token that confirms the address of the member.
  mutating func insertConfirmationToken() async throws {
    try await setAddress()
    secret = "confirm-\(ID(at: .now))"
    let user = try await servers.first.send("GET", "/v1/me", token: member).decode(User.self)
    let email = try #require(user.email)
    try await EmailConfirmationStore(database: servers.first.dependencies.database).insert(
      .init(
        tokenHash: BearerToken(secret).hash, user: user.id, emailHash: hex(SHA256.hash(Array(email.utf8))),
        expires: Instant.now.advanced(by: .seconds(600))), WriteContext())
  }

  /// Makes a token that replaces the password of the member.
  mutating func insertResetToken() async throws {
    secret = "reset-\(ID(at: .now))"
    let user = try await servers.first.send("GET", "/v1/me", token: member).decode(User.self).id
    try await PasswordResetStore(database: servers.first.dependencies.database).insert(
      .init(user: user, hash: BearerToken(secret).hash, expires: Instant.now.advanced(by: .seconds(600))),
      WriteContext())
  }

  /// Adds a key of the member, and keeps its id.
  mutating func addKey(_ line: String) async throws {
    let added = try await servers.first.send(
      "POST", "/v1/me/keys", token: member,
      json: String(decoding: JSON.encode(NewSSHKey(key: line)), as: UTF8.self))
    key = try added.decode(SSHKey.self).id
  }

  /// Keeps a file with the account of the member.
  func writeFile(_ name: ID) async throws {
    let written = try await servers.first.send(
      "PUT", "/v1/me/files/\(name)", token: member, json: #"{"content": "text"}"#)
    try #require(written.status == 200, "\(written.text)")
  }

  /// Makes an address for a photo of the group, and keeps its token.
  mutating func prepareUpload() async throws {
    let made = try await servers.first.send(
      "POST", "/v1/me/uploads", token: owner, json: #"{"group": "\#(group)"}"#)
    secret = try made.decode(UploadAddress.self).token
  }

  /// Makes a key of the member, and keeps the request of a sign-in with it.
  mutating func prepareKeySession() async throws {
    let pair = try await SSHKeyPair()
    try await addKey(pair.line)
    let challenge = try await servers.first.send("POST", "/v1/sessions/challenges").decode(
      SignInChallenge.self)
    let message = SignInChallenge.message(host: "127.0.0.1", name: name, challenge: challenge.challenge)
    let input = NewKeySession(
      name: name, challenge: challenge.challenge, signature: try await pair.sign(message))
    secret = String(decoding: try JSON.encode(input), as: UTF8.self)
  }

  private static let secondFactor = "/v1/me/second-factor"

  func beginSecondFactor() async throws {
    let begun = try await servers.first.send(
      "POST", Self.secondFactor, token: member, json: #"{"password": "a long password"}"#)
    try #require(begun.status == 201, "\(begun.text)")
  }

  /// Turns the second factor on, and keeps a recovery code.
  mutating func enableSecondFactor() async throws {
    try await beginSecondFactor()
    let confirmed = try await servers.first.send(
      "PUT", Self.secondFactor, token: member, json: #"{"code": "\#(try await authenticatorCode())"}"#)
    secret = try #require(try confirmed.decode(RecoveryCodes.self).recoveryCodes.first)
  }

  /// The code that the authenticator app of the member shows.
  func authenticatorCode() async throws -> String {
    let user = try await servers.first.send("GET", "/v1/me", token: member).decode(User.self).id
    let found = try await SecondFactorStore(database: servers.first.dependencies.database).find(of: user)
    let factor = try #require(found)
    let key = try #require(bytes(hex: factor.secret))
    return try TOTP(key: key).code(at: TOTP.step(at: .now))
  }

  // MARK: - Views

  /// Returns the responses of a server to every GET, and to dry runs, which depend on rights and members that no GET
  /// shows.
  func view(of server: TestServer) async throws -> [String: String] {
    var view: [String: String] = [:]
    func add(_ reader: String, _ token: String, _ path: String, json: String? = nil) async throws {
      let answer =
        if let json {
          try await server.send("POST", path, token: token, json: json)
        } else { try await server.send("GET", path, token: token) }
      view["\(reader) \(path)"] = "\(answer.status) \(answer.header("ETag") ?? "-") \(Self.stable(answer))"
    }
    for route in Endpoints.all where route.method == .get && route.access != .anyone {
      if case .member = route.access {
        try await add("owner", owner, route.path([group] + parameters(of: route)))
      } else {
        let path = route.path([token.id])
        try await add("member", member, path)
        if route.access == .user { try await add("owner", owner, path) }
      }
    }
    let path = "/v1/groups/\(group)"
    let dryRun =
      #"{"id": "\#(expense)", "description": "x", "amount": 1000, "payer": "\#(ownerID)", "date": "\#(today)"}"#
    for (reader, session) in [("owner", owner), ("member", member)] {
      try await add(reader, session, path + "/expenses?dryRun=true", json: dryRun)
    }
    for part in ["", "/invites"] { try await add("member", member, path + part) }
    try await add("outsider", outsider, path)
    try await add("other session", otherSession, "/v1/me")
    try await add("token", token.token ?? "", "/v1/me")
    return view
  }

  /// Returns the text of a response in which the order of fields and the times of last use and of an export do not matter.
  private static func stable(_ answer: Answer) -> String {
    guard let value = try? JSONSerialization.jsonObject(with: Data(answer.response.body)),
      let sorted = try? JSONSerialization.data(withJSONObject: value, options: .sortedKeys)
    else { return answer.text }
    return String(decoding: sorted, as: UTF8.self)
      .replacing(/"(requestId|lastUsedAt|exportedAt)":"[^"]*",?/, with: "")
  }

  private func parameters(of route: Route) -> [any CustomStringConvertible] {
    if route.path.contains("{chart}") { return ["spending.svg"] }
    if route.path.contains("{payment}") { return [payment] }
    if route.path.contains("{rule}") { return [rule] }
    if route.path.contains("{receipt}") { return [expense, 1] }
    if route.path.contains("{settlement}") { return [round] }
    if route.path.contains("{member}") || route.path.contains("{account}") { return [guest] }
    return [expense]
  }

  /// Returns the names of the responses that are not the same.
  static func differences(_ one: [String: String], _ other: [String: String]) -> [String] {
    Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.sorted()
  }
}
