import Foundation
import Testing

@testable import KittyTUI

/// A user at a terminal that sends anything, with a server that often fails: see `RandomUser`.
///
/// `RANDOM_KEYS` is the number of keys (100,000), `RANDOM_SEED` (1) begins other keys.
struct RandomInputTests {
  private static let seeds = 10
  private static let keys = number("RANDOM_KEYS", 100_000)
  private static let first = UInt64(number("RANDOM_SEED", 1))

  private static func number(_ name: String, _ standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
  }

  @Test(arguments: (0..<UInt64(seeds)).map { first + $0 })
  func textIsClosedOnlyByItsUser(seed: UInt64) async {
    var user = RandomUser(seed: seed)
    let count = Self.keys / Self.seeds
    await user.press(count)
    #expect(user.forms > count / 400, "the keys reached \(user.forms) forms")
    #expect(user.compared > count / 1000, "the numbers of \(user.compared) screens were compared")
    // It still works: every form is left, and the groups are read.
    user.leave()
    #expect(user.state.screens.allSatisfy { !$0.hasUnsaved }, "\(user.state.text)")
  }
}
