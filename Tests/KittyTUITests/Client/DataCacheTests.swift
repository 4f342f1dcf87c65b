import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// The files with what was read last.
struct DataCacheTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "cache-\(UUID())")
  private var environment: [String: String] {
    ["XDG_CACHE_HOME": folder.path, "XDG_STATE_HOME": folder.path + "/state", "HOME": "/nowhere"]
  }

  private func files(_ user: String = "anna", server: ServerAddress = .standard) -> UserFiles {
    UserFiles(server: server, user: user, environment: environment)
  }

  private static let groups = CachedGroups(
    savedAt: Instant(milliseconds: 1_795_510_000_000), groups: [Fixtures.group()], digests: [])

  private func data(_ number: Int64 = 90, sequence: Int64 = 5) -> GroupData {
    let old = Fixtures.group(number: number)
    var data = GroupData(
      group: Group(
        id: old.id, name: old.name, currency: old.currency, me: old.me, role: old.role,
        balances: old.balances, memberCount: 4, photo: nil, createdAt: old.createdAt, archivedAt: nil,
        version: 1, sequence: sequence), members: Fixtures.members, balances: Fixtures.data.balances,
      entries: Fixtures.expenses, next: "cursor")
    data.rules = Fixtures.askingRules
    data.sequence = sequence
    return data
  }

  private func end() { try? FileManager.default.removeItem(at: folder) }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func listAndGroupComeBackAsTheyWere() throws {
    defer { end() }
    let cache = files().cache
    #expect(cache.groups == nil && cache.group(Fixtures.id(90)) == nil)
    cache.keep(Self.groups)
    cache.keep(CachedGroup(data(), at: Self.groups.savedAt))
    #expect(cache.groups == Self.groups)
    #expect(cache.group(Fixtures.id(90))?.data == data())
  }

  @Test func onlyTheUserCanReadIt() throws {
    defer { end() }
    let cache = files().cache
    cache.keep(Self.groups)
    #expect(try mode(cache.folder + "/groups.json") == 0o600 && mode(cache.folder) == 0o700)
  }

  @Test(arguments: ["", "{", "[]", #"{"version":1}"#, "\u{0}\u{1}\u{2}"])
  func corruptFileIsIgnoredAndReplaced(content: String) throws {
    defer { end() }
    let cache = files().cache
    cache.keep(Self.groups)
    try content.write(toFile: cache.folder + "/groups.json", atomically: false, encoding: .utf8)
    #expect(cache.groups == nil)
    cache.keep(Self.groups)
    #expect(cache.groups == Self.groups)
  }

  @Test func otherVersionIsIgnored() throws {
    defer { end() }
    let cache = files().cache
    cache.keep(Self.groups)
    let path = cache.folder + "/groups.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("\"version\":\(DataCache.version),\"server\"", with: "\"version\":1,\"server\"")
      .write(toFile: path, atomically: false, encoding: .utf8)
    #expect(cache.groups == nil)
  }

  @Test func otherUserAndOtherServerHaveFilesOfTheirOwn() throws {
    defer { end() }
    files().cache.keep(Self.groups)
    #expect(files("bob").cache.groups == nil)
    #expect(files(server: try ServerAddress("http://127.0.0.1:9")).cache.groups == nil)
    // Even a file in the wrong place is not shown to another user.
    let bob = files("bob").cache
    bob.keep(Self.groups)
    let anna = files().cache.folder + "/groups.json"
    try FileManager.default.removeItem(atPath: anna)
    try FileManager.default.copyItem(atPath: bob.folder + "/groups.json", toPath: anna)
    #expect(files().cache.groups == nil)
    #expect(files("ANNA").cache.folder == files("anna").cache.folder)
    #expect(!files("../..").cache.folder.contains("../"))
  }

  @Test func linkIsIgnored() throws {
    defer { end() }
    let cache = files().cache
    cache.keep(Self.groups)
    let path = cache.folder + "/groups.json"
    try FileManager.default.moveItem(atPath: path, toPath: path + ".other")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".other")
    #expect(cache.groups == nil)
  }

  @Test func dataThatIsTooLargeIsNotKept() {
    defer { end() }
    let cache = files().cache
    cache.keep(Self.groups)
    let many = (0..<4000).map { Fixtures.group("Group \($0)", number: Int64($0)) }
    cache.keep(CachedGroups(savedAt: Self.groups.savedAt, groups: many, digests: []))
    #expect(cache.groups == nil)
  }

  @Test func numberOfGroupsIsBounded() throws {
    defer { end() }
    let cache = files().cache
    for number in 0..<Int64(DataCache.groupLimit + 4) {
      cache.keep(CachedGroup(data(number + 1), at: Self.groups.savedAt))
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: cache.folder)
    #expect(names.count == DataCache.groupLimit)
  }

  @Test func seenSequenceNeverGoesBack() throws {
    defer { end() }
    let seen = files().seen
    #expect(seen.read() == [:])
    seen.note([Fixtures.id(1): 7, Fixtures.id(2): 3])
    seen.note([Fixtures.id(1): 5])
    #expect(seen.read() == [Fixtures.id(1): 7, Fixtures.id(2): 3])
    #expect(try mode(seen.path) == 0o600)
    try "not json".write(toFile: seen.path, atomically: false, encoding: .utf8)
    #expect(seen.read() == [:])
    seen.note([Fixtures.id(1): 8])
    #expect(seen.read() == [Fixtures.id(1): 8])
  }

  // MARK: the screens

  private func json(_ value: some Encodable) -> String { (try? JSON.text(of: value)) ?? "" }

  private func runner(
    _ port: UInt16, _ post: @escaping @Sendable (AppState.Event) -> Void
  ) throws -> EffectRunner {
    let (server, environment) = (try ServerAddress("http://127.0.0.1:\(port)"), environment)
    return EffectRunner(
      server: server, tokens: TokenFile(server: server, environment: environment), token: "t", home: "/",
      user: "anna", filesOf: { UserFiles(server: server, user: $0, environment: environment).data },
      post: { $0.forEach(post) })
  }

  @Test func groupOfTheCacheIsShownFirstAndReadWithOneRequest() async throws {
    defer { end() }
    let group = json(data().group)
    let server = try FakeServer { $0.line.contains("?") ? (500, "") : (200, group) }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = try runner(server.port) { report.yield($0) }
    runner.files.withLock { $0 }?.cache?.keep(CachedGroup(data(), at: Self.groups.savedAt))
    let messages = await EffectRun.messages(of: .loadGroup(Fixtures.id(90)), runner, events)
    guard messages.count == 2, case .cachedGroup(let first, _) = messages[0],
      case .group(let second) = messages[1]
    else { return _ = Issue.record("\(messages)") }
    #expect(first == data() && second == data())
  }

  @Test func groupThatMayNotBeReadLeavesTheCache() async throws {
    defer { end() }
    let refusal = json(Problem(404, "not_found", "t", "d"))
    let server = try FakeServer { _ in (404, refusal) }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = try runner(server.port) { report.yield($0) }
    let cache = try #require(runner.files.withLock { $0 }?.cache)
    cache.keep(CachedGroup(data(), at: Self.groups.savedAt))
    _ = await EffectRun.messages(of: .loadGroup(Fixtures.id(90)), runner, events)
    #expect(cache.group(Fixtures.id(90)) == nil)
  }

  @Test func signOutRemovesTheCache() async throws {
    defer { end() }
    let server = try FakeServer { _ in (204, "") }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = try runner(server.port) { report.yield($0) }
    let cache = try #require(runner.files.withLock { $0 }?.cache)
    cache.keep(Self.groups)
    _ = await EffectRun.messages(of: .signOut, runner, events)
    #expect(!FileManager.default.fileExists(atPath: cache.folder))
    #expect(runner.files.withLock { $0 == nil })
  }

  @Test func logoutRemovesTheCache() async throws {
    defer { end() }
    let server = try FakeServer { _ in (204, "") }
    let address = try ServerAddress("http://127.0.0.1:\(server.port)")
    let cache = files(server: address).cache
    cache.keep(Self.groups)
    try TokenFile(server: address, environment: environment)
      .write(TokenFile.Content(server: address.url, name: "anna", token: "t"))
    var stage = CommandRun.Stage(server: address.url)
    stage.environment = environment
    let info = try await CommandRun.run(["info", "--plain"], stage)
    #expect(info.output.contains("\ncacheFolder\t\(folder.path)/kittycash\n"))
    #expect(try await CommandRun.run(["logout"], stage).status == .done)
    #expect(!FileManager.default.fileExists(atPath: cache.folder))
  }

  @Test func listOfTheCacheIsReplacedByTheAnswer() async throws {
    defer { end() }
    let page = json(Page(items: [Fixtures.group("Holiday", number: 91)], next: nil))
    let server = try FakeServer { _ in (200, page) }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = try runner(server.port) { report.yield($0) }
    let cache = try #require(runner.files.withLock { $0 }?.cache)
    cache.keep(Self.groups)
    _ = await EffectRun.messages(of: .loadGroups(.inUse), runner, events)
    #expect(cache.groups?.groups.map(\.name) == ["Holiday"])
  }

  @Test func firstFrameHasTheGroupsWithTheirAge() {
    var state = Fixtures.state(GroupsScreen())
    state.receive(Self.groups)
    _ = state.start()
    #expect(state.text.contains("Flat 12") && state.text.contains("+66.67 EUR"))
    #expect(state.text.contains("◌ As of 24 Nov 08:46. Reading…"))
    state.get(.groups([Fixtures.group("Holiday", number: 91)]))
    #expect(
      !state.text.contains("As of") && !state.text.contains("Flat 12") && state.text.contains("Holiday"))
  }

  @Test func unreachableServerLeavesTheGroupsWithTheirAge() {
    var state = Fixtures.state(GroupsScreen(), width: 120)
    state.receive(Self.groups)
    _ = state.start()
    state.get(.failed(.loadGroups(.inUse), .offline("Away.")))
    #expect(state.text.contains("Flat 12") && state.text.contains("○ Offline."))
    #expect(state.text.contains("As of 08:46."))
  }

  @Test func cachedGroupNeverReplacesThePresentOne() {
    var state = Fixtures.openGroup()
    var old = data()
    old.entries = []
    state.get(.cachedGroup(old, at: Self.groups.savedAt))
    #expect(state.text.contains("148.08") && !state.text.contains("As of"))
  }
}
