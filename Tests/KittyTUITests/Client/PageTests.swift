import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// Pages that end before the number of items that was asked for.
@Suite struct PageTests {
  private static let group = Fixtures.id(90)

  /// The number of the page that a request asks for, by its cursor.
  private static func number(_ request: FakeServer.Request) -> Int {
    request.line.firstMatch(of: #/cursor=(\d)/#).flatMap { Int($0.1) } ?? 0
  }

  private static func json(_ value: some Encodable) -> String {
    (try? JSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private func api(_ server: FakeServer) throws -> APIClient {
    APIClient(server: try ServerAddress("http://127.0.0.1:\(server.port)"), token: "t")
  }

  /// The pages have two, one and two items.
  @Test func listIsReadToItsEnd() async throws {
    let members = Array(Fixtures.members.prefix(3))
    let server = try FakeServer { request in
      let page = Self.number(request)
      let items = [[members[0]], [], [members[1], members[2]]][page]
      return (200, Self.json(Page(items: items, next: page < 2 ? "\(page + 1)" : nil)))
    }
    let all = try await api(server).all(Endpoints.members, [Self.group], limit: 2000)
    #expect(all == members)
    let listed = try await api(server).list(Endpoints.members, [Self.group])
    #expect(listed.value == members)
    let joined = try JSON.decode(Page<Member>.self, from: Data(listed.bytes))
    #expect(joined.items == members && joined.next == nil)
  }

  @Test func balancesInAllGroupsAreReadToTheirEnd() async throws {
    let eur = Fixtures.eur
    let rows = (0..<3).map {
      MyBalances.GroupBalance(group: Fixtures.id(Int64($0)), name: "Group \($0)", net: 5, currency: eur)
    }
    let totals = [Money(amount: 15, currency: eur)]
    let server = try FakeServer { request in
      let page = Self.number(request)
      return (
        200,
        Self.json(MyBalances(totals: totals, groups: [rows[page]], next: page < 2 ? "\(page + 1)" : nil))
      )
    }
    let answer = try await api(server).myBalances()
    #expect(answer.value == MyBalances(totals: totals, groups: rows))
    #expect(try JSON.decode(MyBalances.self, from: Data(answer.bytes)) == answer.value)
  }

  @Test func historyAndKittyAreReadToTheirEnd() async throws {
    let revisions = (1...3).map {
      Revision(
        version: Int64($0), action: .changed, by: Fixtures.id(1), at: Instant(milliseconds: 1), changes: [])
    }
    let targets = (0..<3).map {
      Kitty.Target(member: Fixtures.id(Int64($0)), currency: Fixtures.eur, target: 5, contributed: 1)
    }
    let server = try FakeServer { request in
      let page = Self.number(request)
      let next = page < 2 ? "\(page + 1)" : nil
      if request.line.contains("/history") {
        return (200, Self.json(History(revisions: [revisions[page]], next: next)))
      }
      if request.line.contains("/kitty") {
        return (
          200,
          Self.json(
            Kitty(holds: [Money(amount: 1, currency: Fixtures.eur)], targets: [targets[page]], next: next))
        )
      }
      if request.line.contains("/comments") {
        return (200, Self.json(Page<KittyShared.Comment>(items: [], next: nil)))
      }
      return (200, Self.json(Fixtures.expenses[0]))
    }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = EffectRunner(
      server: try ServerAddress("http://127.0.0.1:\(server.port)"),
      tokens: TokenFile(server: .standard, environment: ["HOME": "/nowhere"]), token: "t", home: "/"
    ) { $0.forEach { report.yield($0) } }
    runner.run(.loadEntry(group: Self.group, entry: Fixtures.expenses[0].id))
    runner.run(.loadKitty(Self.group))
    var ended = 0
    for await event in events {
      if case .message(.entry(let details)) = event { #expect(details.history == revisions) }
      if case .message(.kitty(_, let kitty)) = event {
        #expect(kitty.targets == targets && kitty.holds.count == 1 && kitty.next == nil)
      }
      if case .message(.failed(_, let failure)) = event { Issue.record("\(failure)") }
      if case .finished = event { ended += 1 }
      if ended == 2 { break }
    }
  }
}
