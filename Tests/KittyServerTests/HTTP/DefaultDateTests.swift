import KittyShared
import Testing

@testable import KittyServer

/// The date of an entry that is sent without one: the day where the account is.
@Suite struct DefaultDateTests {
  /// Of these zones one is always at another day than UTC. The latest is the last one: what follows a count is not before it.
  private static let zones: [(name: String?, hours: Int64)] = [
    ("Etc/GMT+12", -12), (nil, 0), ("Pacific/Kiritimati", 14),
  ]

  @Test(arguments: Backend.available) func dateIsTheDayOfTheAccount(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for (name, hours) in Self.zones {
        let zone = name.map { "\"\($0)\"" } ?? "null"
        let change = try await books.server.send(
          "PATCH", "/v1/me", token: books.token, json: "{\"timeZone\": \(zone)}", headers: [("If-Match", "*")]
        )
        #expect(change.status == 200, "\(change.text)")
        func today() -> Day { Instant(milliseconds: Instant.now.milliseconds + hours * 3_600_000).day }
        for (path, json) in [
          ("/expenses", #"{"description": "Tea", "amount": "3", "payer": "\#(books.anna)"}"#),
          ("/payments", #"{"from": "\#(books.bob)", "to": "kitty", "amount": "1"}"#),
          ("/kitty/counts", #"{"counted": "5"}"#),
        ] {
          let before = today()
          let entry = try await books.enter(path, json)
          #expect([before, today()].contains(entry.date), "\(path) in \(zone): \(entry.date)")
        }
      }
    }
  }

  @Test func dayInAZone() {
    // 2026-11-24T11:30:00Z
    let moment = Instant(milliseconds: 1_795_519_800_000)
    #expect("\(moment.day(in: nil))" == "2026-11-24")
    #expect("\(moment.day(in: "Pacific/Auckland"))" == "2026-11-25")
    #expect("\(moment.day(in: "America/Los_Angeles"))" == "2026-11-24")
    #expect("\(moment.day(in: "Mars/Olympus"))" == "2026-11-24")
  }
}
