import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// A group that was read before: only what changed is read, and it is merged into the list.
struct GroupSyncTests {
  private static let id = Fixtures.group().id

  private static func group(_ sequence: Int64) -> Group {
    let old = Fixtures.group()
    return Group(
      id: old.id, name: old.name, currency: old.currency, me: old.me, role: old.role, balances: old.balances,
      memberCount: 4, photo: nil, createdAt: old.createdAt, archivedAt: nil, version: 1, sequence: sequence)
  }

  private static func entry(
    _ number: Int64, on day: String, version: Int64 = 1, isDeleted: Bool = false, by author: Int = 1
  ) -> Entry {
    let amount = Amount(1000 + number, Fixtures.eur)
    return Entry(
      id: Fixtures.id(100 + number), number: number,
      content: EntryContent(
        kind: .expense, description: "Entry \(number) v\(version)", amount: amount, rate: nil, booked: amount,
        date: Day(day)!, note: nil, payers: [], shares: []),
      createdBy: Fixtures.members[author].id, createdAt: Instant(milliseconds: 0),
      changedAt: Instant(milliseconds: 0), deletedAt: isDeleted ? Instant(milliseconds: 1) : nil,
      commentCount: 0, version: version)
  }

  private static func json(_ value: some Encodable) -> String {
    (try? JSON.text(of: value)) ?? ""
  }

  /// A server with one group, whose sequence the test sets.
  private final class Books: Sendable {
    let sequence = Mutex<Int64>(5)
    let lines = Mutex<[String]>([])
    let sent = Mutex(0)
    let changes: Page<Entry>
    let refusal: Problem?
    /// `true` for a server of before there were categories.
    let isOlder: Bool

    init(changes: Page<Entry> = Page(items: [], next: nil), refusal: Problem? = nil, isOlder: Bool = false) {
      (self.changes, self.refusal, self.isOlder) = (changes, refusal, isOlder)
    }

    func answer(_ request: FakeServer.Request) -> (status: Int, body: String)? {
      let line = request.line
      lines.withLock { $0.append(line) }
      let reply: (Int, String) =
        if line.contains("/members?since=") {
          (200, json(Page<Member>(items: [], next: nil)))
        } else if line.contains("/members") {
          (200, json(Page(items: Fixtures.members, next: nil)))
        } else if line.contains("/categories"), isOlder {
          (404, json(Problem(404, "not_found", "t", "d")))
        } else if line.contains("/categories") {
          (
            200,
            json(
              Page(items: line.contains("since=") ? [GroupSyncTests.renamed] : Fixtures.categories, next: nil)
            )
          )
        } else if line.contains("/recurring"), isOlder {
          (404, json(Problem(404, "not_found", "t", "d")))
        } else if line.contains("/recurring") {
          (
            200,
            json(
              Page(items: line.contains("since=") ? GroupSyncTests.changedRules : Fixtures.rules, next: nil))
          )
        } else if line.contains("/balances") {
          (200, json(Balances(balances: Fixtures.data.balances)))
        } else if line.contains("since=") {
          refusal.map { ($0.status, json($0)) } ?? (200, json(changes))
        } else if line.contains("/entries") {
          (200, json(Page(items: Fixtures.expenses, next: "cursor")))
        } else {
          (200, json(GroupSyncTests.group(sequence.withLock { $0 })))
        }
      sent.withLock { $0 += reply.1.utf8.count }
      return reply
    }

    private func json(_ value: some Encodable) -> String { GroupSyncTests.json(value) }

    /// Returns the requests since the last call.
    func take() -> [String] {
      sent.withLock { $0 = 0 }
      return lines.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }
  }

  /// The first rule was removed, and the second one has another proposal.
  private static let changedRules: [Recurring] = [
    Recurring(
      id: Fixtures.rules[0].id, template: Fixtures.rules[0].template,
      recurrence: Fixtures.rules[0].recurrence, zone: "Europe/Berlin", mode: .book, next: 10, held: nil,
      proposed: 0, createdBy: Fixtures.members[0].id, createdAt: Instant(milliseconds: 0),
      removedAt: Instant(milliseconds: 1), version: 4),
    Fixtures.askingRules[1],
  ]

  private static let renamed = KittyShared.Category(
    id: Fixtures.categories[0].id, name: "Shop", createdAt: Instant(milliseconds: 0), version: 2)

  /// Reads the group as often as there are sequences, and returns what was read each time with its requests.
  private func read(
    _ books: Books, _ sequences: [Int64]
  ) async throws -> [(data: GroupData, requests: [String], bytes: Int)] {
    let server = try FakeServer { books.answer($0) }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = try EffectRun.runner(port: server.port) { report.yield($0) }
    var readings: [(data: GroupData, requests: [String], bytes: Int)] = []
    for sequence in sequences {
      books.sequence.withLock { $0 = sequence }
      let messages = await EffectRun.messages(of: .loadGroup(Self.id), runner, events)
      guard case .group(let data)? = messages.last else {
        Issue.record("\(messages)")
        return []
      }
      let bytes = books.sent.withLock { $0 }
      readings.append((data, books.take(), bytes))
    }
    return readings
  }

  @Test func unchangedGroupNeedsOneSmallRequest() async throws {
    let readings = try await read(Books(), [5, 5])
    let again = try #require(readings.last)
    #expect(again.requests.count == 1)
    #expect(again.data.entries == Fixtures.expenses && again.data.changes == nil)
    // Four of them a minute.
    #expect(again.bytes * 4 < 2000, "\(again.bytes) bytes")
  }

  @Test func changedGroupReadsOnlyTheChanges() async throws {
    let books = Books(
      changes: Page(
        items: [
          Self.entry(13, on: "2026-11-23"), Self.entry(12, on: "2026-11-22", version: 2, isDeleted: true),
          Self.entry(3, on: "2026-11-24", version: 2),
        ], next: nil, sequence: 8))
    let readings = try await read(books, [5, 8, 8])
    #expect(readings.map(\.requests.count) == [6, 6, 1])
    let data = readings[1].data
    #expect(readings[1].requests.contains { $0.contains("/entries?since=5") })
    #expect(data.sequence == 8 && data.changes?.since == 5)
    #expect(data.entries.map(\.number) == [3, 13, 11, 10, 9, 8, 7, 6, 5, 4, 2, 1])
    #expect(data.next == "cursor")
    #expect(data.categories.map(\.name) == ["Shop", "Groceries", "Home", "Old"])
    #expect(readings[0].data.rules == Fixtures.rules && data.rules == [Fixtures.askingRules[1]])
    #expect(readings[2].data.rules == data.rules)
  }

  @Test func unknownChangesReadEverything() async throws {
    let books = Books(refusal: Problem(410, "start_anew", "t", "d"))
    let readings = try await read(books, [5, 8])
    try #require(readings.count == 2)
    #expect(readings[1].data.entries == Fixtures.expenses && readings[1].data.changes == nil)
  }

  /// The data are new for a screen although the list of groups had the same sequence as before.
  @Test func undoneImportReadsEverything() async throws {
    let books = Books(refusal: Problem(410, "start_anew", "t", "d"))
    let server = try FakeServer { books.answer($0) }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = try EffectRun.runner(port: server.port) { report.yield($0) }
    runner.memory.withLock { $0.note([Self.group(5)]) }
    _ = await EffectRun.messages(of: .loadGroup(Self.id), runner, events)
    books.sequence.withLock { $0 = 8 }
    let messages = await EffectRun.messages(of: .loadGroup(Self.id), runner, events)
    guard case .group(let data)? = messages.last else { return _ = Issue.record("\(messages)") }
    #expect(data.sequence == 8)
  }

  @Test func olderServerHasNeitherCategoriesNorRules() async throws {
    let readings = try await read(Books(isOlder: true), [5, 8])
    try #require(readings.count == 2)
    #expect(
      readings.allSatisfy {
        $0.data.categories.isEmpty && $0.data.rules.isEmpty && $0.data.entries == Fixtures.expenses
      })
  }

  @Test func tooManyChangesReadEverything() async throws {
    let books = Books(changes: Page(items: [Self.entry(13, on: "2026-11-23")], next: "more", sequence: 7))
    let readings = try await read(books, [5, 8])
    try #require(readings.count == 2)
    #expect(readings[1].data.changes == nil && readings[1].data.sequence == 8)
  }

  @Test func restoredServerReadsEverything() async throws {
    let readings = try await read(Books(), [5, 3])
    try #require(readings.count == 2)
    #expect(readings[1].data.sequence == 3 && readings[1].data.entries == Fixtures.expenses)
  }

  @Test func otherChangesOfAFailedReadAreReadLater() async throws {
    let books = Books(refusal: Problem(500, "x", "t", "d"))
    let server = try FakeServer { books.answer($0) }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = try EffectRun.runner(port: server.port) { report.yield($0) }
    _ = await EffectRun.messages(of: .loadGroup(Self.id), runner, events)
    books.sequence.withLock { $0 = 8 }
    let messages = await EffectRun.messages(of: .loadGroup(Self.id), runner, events)
    guard case .failed? = messages.last else { return _ = Issue.record("\(messages)") }
    #expect(runner.memory.withLock { $0[Self.id]?.data.sequence } == 5)
  }

  @Test func memoryIsBounded() {
    var memory = GroupMemory()
    for number in 1...6 {
      memory.keep(
        GroupData(
          group: Fixtures.group(number: Int64(number)), members: [], balances: [], entries: []),
        at: Instant(milliseconds: 0))
    }
    #expect(memory[Fixtures.id(2)] == nil && memory[Fixtures.id(3)] != nil && memory[Fixtures.id(6)] != nil)
  }

  // MARK: the list

  private static func data(_ sequence: Int64, next: String? = nil, entries: [Entry] = Fixtures.expenses)
    -> GroupData
  {
    var data = GroupData(
      group: group(sequence), members: Fixtures.members, balances: Fixtures.data.balances, entries: entries,
      next: next)
    data.sequence = sequence
    return data
  }

  private static func newer(_ sequence: Int64, since: Int64, _ entries: [Entry]) -> GroupData {
    var data = data(sequence, entries: [])
    data.changes = GroupChanges(since: since, entries: entries)
    return data
  }

  private func open(_ data: GroupData) -> AppState {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([Fixtures.group()]))
    state.press(.enter)
    state.get(.group(data))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  private func screen(_ state: AppState) -> GroupScreen? { state.top as? GroupScreen }

  @Test func deletionOfAnotherUserKeepsOlderEntriesAndTheSelection() throws {
    var state = open(Self.data(5, next: "a"))
    state.press(.end)
    let older = (1...40).map { Self.entry(-Int64($0), on: "2026-10-0\($0 % 9 + 1)") }
      .sorted { EntryPlace($1) < EntryPlace($0) }
    state.get(.entries(group: Self.id, after: "a", older, next: nil))
    for effect in state.context.running { state.finish(effect) }
    state.press(.end, .up)
    let selected = screen(state)?.expenses.selected
    state.get(.group(Self.newer(6, since: 5, [Self.entry(9, on: "2026-11-19", version: 2, isDeleted: true)])))
    #expect(screen(state)?.data?.entries.count == 12 + 40 - 1)
    #expect(screen(state)?.expenses.selected == selected && selected != nil)
  }

  @Test func changesThatDoNotFollowAreNotMerged() {
    #expect(Self.data(4).merged(Self.newer(6, since: 5, [])) == nil)
    #expect(Self.data(0).merged(Self.newer(6, since: 0, [])) == nil)
  }

  /// The next page begins after the last entry that was loaded, even when that one is deleted meanwhile.
  @Test func entryBetweenTheListAndItsNextPageIsNotLost() throws {
    let data = Self.data(5, next: "a")
    let last = try #require(Fixtures.expenses.last)
    let gone = Self.entry(1, on: last.date.description, version: 2, isDeleted: true)
    let between = Self.entry(14, on: "2026-11-11")
    let before = Self.entry(15, on: "2026-11-10")
    let merged = try #require(data.merged(Self.newer(8, since: 5, [gone, between, before])))
    #expect(merged.entries.last?.id == between.id && !merged.entries.contains { $0.id == before.id })
  }

  @Test func rowsOfOtherUsersAreMarkedForSomeSeconds() throws {
    var state = open(Self.data(5))
    state.get(.group(Self.newer(6, since: 5, [Self.entry(13, on: "2026-11-23")])))
    for effect in state.context.running { state.finish(effect) }
    #expect(state.text.contains("•"))
    let end = Fixtures.start + ChangeMarks.time
    #expect(state.top.wake(after: Fixtures.start) == end)
    _ = state.update(.tick, at: end)
    #expect(!state.text.contains("•") && state.top.wake(after: end) == nil)
  }

  @Test func ownChangesAreNotMarked() {
    var state = open(Self.data(5))
    let entry = Self.entry(13, on: "2026-11-23", by: 0)
    state.get(.stored(group: Self.id, entry))
    state.get(.group(Self.newer(6, since: 5, [entry])))
    state.get(.group(Self.newer(7, since: 6, [Self.entry(14, on: "2026-11-23", by: 0)])))
    #expect(!state.text.contains("•"))
    // A later change of another user is.
    state.get(.group(Self.newer(8, since: 7, [Self.entry(13, on: "2026-11-23", version: 2)])))
    #expect(state.text.contains("•"))
  }

  /// An idle screen sends no byte: it looks the same after each refresh.
  @Test func idleMinuteChangesNoCell() {
    var state = open(Self.data(5))
    let before = state.view().cells
    var now = Fixtures.start
    var reads = 0
    while let next = state.nextTick, next <= Fixtures.start + .seconds(60) {
      now = next
      for effect in state.update(.tick, at: now) {
        reads += 1
        #expect(effect == .loadGroup(Self.id))
        #expect(state.view().cells == before)
        _ = state.update(.message(.group(Self.data(5))), at: now)
        _ = state.update(.finished(effect), at: now)
      }
      #expect(state.view().cells == before)
    }
    #expect(reads == 2)
  }

  @Test func statusSaysHowFreshTheDataIs() {
    var state = open(Self.data(5))
    #expect(state.text.contains("up to date ●"))
    let effects = state.type("r")
    _ = state.update(.tick, at: Fixtures.start + .seconds(2))
    #expect(state.text.contains("◌ Reading…") && !state.text.contains("up to date"))
    _ = state.update(.tick, at: Fixtures.start + .seconds(70))
    #expect(state.text.contains("◌ Reading… Data: 1 min old."))
    _ = state.update(.message(.failed(effects[0], .offline("Away."))), at: Fixtures.start + .seconds(70))
    #expect(state.text.contains("○ Offline."))
  }

  @Test func seenSequenceIsNotedOnce() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([Fixtures.group()]))
    state.press(.enter)
    #expect(state.get(.group(Self.data(5))).contains(.noteSeen(group: Self.id, sequence: 5)))
    state.finish(.noteSeen(group: Self.id, sequence: 5))
    #expect(!state.get(.group(Self.data(5))).contains { if case .noteSeen = $0 { true } else { false } })
    #expect(
      state.get(.group(Self.newer(6, since: 5, []))).contains(.noteSeen(group: Self.id, sequence: 6)))
  }
}
