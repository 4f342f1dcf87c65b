import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// The default date of forms: the day where the user is, when the form opens.
struct TodayTests {
  /// A clock that a test moves.
  private final class Clock: Sendable {
    private let day = Mutex(Day("2026-11-30")!)
    var today: Day { day.withLock { $0 } }
    func passMidnight() { day.withLock { $0 = Day(daysSince1970: $0.daysSince1970 + 1) } }
  }

  @Test func formOpenedAfterMidnightHasTheNewDate() {
    let clock = Clock()
    var state = Fixtures.openGroup()
    state.context.date = { _ in clock.today }
    for key in ["a", "y", "t", "b"] {
      state.type(key)
      #expect(state.text.contains("\(clock.today)"), "\(key)")
      state.press(.escape)
      let yesterday = clock.today
      clock.passMidnight()
      state.type(key)
      #expect(state.text.contains("\(clock.today)") && !state.text.contains("\(yesterday)"), "\(key)")
      state.press(.escape)
    }
  }

  @Test func openFormKeepsItsDateAtMidnight() {
    let clock = Clock()
    var state = Fixtures.openGroup()
    state.context.date = { _ in clock.today }
    state.type("aTaxi")
    clock.passMidnight()
    #expect(state.text.contains("2026-11-30"))
  }

  @Test func daysLeftOfAnInviteFollowTheClock() {
    let clock = Clock()
    var state = Fixtures.openGroup()
    state.context.date = { _ in clock.today }
    state.type("v")
    state.get(.invites(group: Fixtures.group().id, [Fixtures.invites[0]]))
    #expect(state.text.contains("(1 more day)"))
    clock.passMidnight()
    #expect(state.text.contains("(today)"))
  }

  @Test func datesAreThoseOfTheAccountsTimeZone() {
    var state = Fixtures.openGroup()
    state.context.date = { $0 == "Pacific/Auckland" ? Day("2026-11-25")! : Day("2026-11-24")! }
    state.get(.account(Fixtures.account(in: "Pacific/Auckland")))
    state.type("a")
    #expect(state.text.contains("2026-11-25"))
    state.press(.escape)
    // Without a zone it is that of the machine.
    state.get(.account(Fixtures.account(in: nil)))
    state.type("a")
    #expect(state.text.contains("2026-11-24"))
  }

  @Test func accountIsReadAtTheStartAndWhenTheServerIsBack() {
    var state = Fixtures.state(GroupsScreen())
    #expect(state.start() == [.loadGroups(.inUse), .loadAccount, .loadDrafts])
    for effect in [Effect.loadGroups(.inUse), .loadAccount] {
      state.get(.failed(effect, .offline("Away.")))
      state.finish(effect)
    }
    #expect(state.get(.groups([])) == [.loadAccount])
    state.get(.account(Fixtures.account(in: "Asia/Tokyo")))
    #expect(state.context.timeZone == "Asia/Tokyo")
    var signIn = Fixtures.state(SignInScreen())
    #expect(signIn.start().isEmpty)
    signIn.get(.signedIn(name: "anna", timeZone: "Asia/Tokyo"))
    #expect(signIn.context.timeZone == "Asia/Tokyo")
  }

  @Test(arguments: [
    ("2026-11-24T11:30:00Z", "Pacific/Auckland", "2026-11-25"),
    ("2026-11-24T11:30:00Z", "America/Los_Angeles", "2026-11-24"),
    ("2026-11-25T05:00:00Z", "America/Los_Angeles", "2026-11-24"),
    ("2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29"),
    ("2026-06-30T22:30:00Z", "Europe/Berlin", "2026-07-01"),
  ]) func dayInAZone(moment: String, zone: String, day: String) throws {
    let moment = try JSON.decode(Instant.self, from: Data("\"\(moment)\"".utf8))
    #expect("\(Day.of(moment, in: zone))" == day)
  }

  @Test func unknownZoneIsThatOfTheMachine() {
    let moment = Instant(milliseconds: 1_795_508_130_250)
    #expect(Day.of(moment, in: "Mars/Olympus") == Day.of(moment, in: nil))
    #expect(abs(Day.of(moment, in: nil).daysSince1970 - moment.day.daysSince1970) <= 1)
  }
}
