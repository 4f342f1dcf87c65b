import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Files of random groups come back as they went: export, import and export give the same bytes. `KITTY_TEST_GROUPS` is the
/// number of groups (6), `KITTY_TEST_ENTRIES` the most entries of one (400): larger numbers need hours.
@Suite struct RandomGroupFileTests {
  private static func setting(_ name: String, default value: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? value
  }

  /// Returns a file that KittyCash could have written.
  private static func file(seed: UInt64, members count: Int, entries: Int) throws -> GroupFile {
    var random = Seeded(seed)
    let start = Instant.now.advanced(by: .seconds(-40_000_000))
    func id(_ second: Int) -> ID { ID(at: start.advanced(by: .milliseconds(second))) }
    let members = (0..<count).map { index in
      GroupFile.FileMember(
        id: id(index), name: "\(["Ana", "Bo", "Çelik", "Дана", "惠子"][index % 5]) \(index)",
        weight: .random(in: 0...4, using: &random), createdAt: start, removedAt: nil)
    }
    let currency = try #require(
      ["EUR", "JPY", "KWD"].randomElement(using: &random).flatMap(Currency.init(code:)))
    let people = Participants(present: members.map { ($0.id, $0.weight) })
    var ledger = RandomLedger(seed: seed, members: Array(members.map(\.id).prefix(40)), currency: currency)
    func content(_ entry: ID) throws -> EntryContent? {
      do throws(Rejection) {
        guard Int.random(in: 0..<4, using: &random) > 0 else {
          var payment = ledger.payment(id: entry)
          // A random payout may exceed the kitty.
          if payment.from == .kitty { (payment.from, payment.to) = (payment.to, payment.from) }
          return try Ledger.content(
            for: try payment.checked(), currency: currency, people: people, today: start.day)
        }
        return try Ledger.content(
          for: try ledger.expense(id: entry).checked(), seed: entry, currency: currency, people: people,
          today: start.day)
      } catch {
        // A random rate may make nothing of a small amount.
        guard error.errors?.first?.field == "rate" else { throw error }
        return nil
      }
    }
    var made: [GroupFile.FileEntry] = []
    for number in 1...entries {
      let entry = id(count + number)
      guard let first = try content(entry) else { continue }
      func revision(_ action: Revision.Action, _ content: EntryContent) -> GroupFile.FileRevision {
        // The days of a random ledger are those of 2024 and 2025.
        .init(action: action, by: members[number % count].id, at: .now, content: content)
      }
      var revisions = [revision(.created, first)]
      if number % 5 == 0, let second = try content(entry), second.kind == first.kind {
        revisions.append(revision(.changed, second))
      }
      if number % 7 == 0, let last = revisions.last {
        revisions.append(revision(.deleted, last.content))
        if number % 2 == 0 { revisions.append(revision(.restored, last.content)) }
      }
      let comments = (0..<(number % 3)).map {
        GroupFile.FileComment(
          id: id(1_000_000 + 3 * number + $0), text: "\($0), of \"\(number)\" 😀", by: members[0].id, at: .now)
      }
      made.append(.init(id: entry, number: Int64(number), revisions: revisions, comments: comments))
    }
    return GroupFile(
      name: "Group \(seed)", currency: currency, createdAt: start, closedUntil: nil, ownEntriesOnly: nil,
      lastNumber: Int64(entries), owner: members[0].id, members: members, targets: [], entries: made)
  }

  @Test(arguments: Backend.available) func exportImportExportIsEqual(backend: Backend) async throws {
    let groups = Self.setting("KITTY_TEST_GROUPS", default: 6)
    let most = Self.setting("KITTY_TEST_ENTRIES", default: 400)
    var random = Seeded(2026)
    try await GroupFixture.run(on: backend) { books in
      for seed in 1...UInt64(groups) {
        // Few are large: the number of members and of entries has each order of magnitude as often.
        let members = Int(pow(600, Double.random(in: 0...1, using: &random)))
        let entries = Int(pow(Double(most), Double.random(in: 0...1, using: &random)))
        let file = try Self.file(seed: seed, members: members, entries: entries)
        var text = String(decoding: try JSON.encode(file), as: UTF8.self)
        for round in 1...2 {
          let group = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "USD"}"#)
            .decode(Group.self).id
          let answer = try await books.send("POST", "/v1/groups/\(group)/import", text)
          try #require(answer.status == 200, "group \(seed), \(members) members: \(answer.text.prefix(500))")
          let export = try await books.send("GET", "/v1/groups/\(group)/export").text
          let isEqual =
            try round > 1
            ? export == text : JSON.decode(GroupFile.self, from: Data(export.utf8)) == file
          #expect(isEqual, "group \(seed) with \(members) members and \(entries) entries, round \(round)")
          text = export
          #expect(try await books.send("DELETE", "/v1/groups/\(group)?force=true").status == 204)
        }
      }
    }
  }
}
