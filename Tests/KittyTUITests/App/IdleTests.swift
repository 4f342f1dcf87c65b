import KittyShared
import Testing

@testable import KittyTUI

/// The end of a screen that is left alone.
struct IdleTests {
  private static func open(isPlain: Bool = false) -> AppState {
    var state = Fixtures.openGroup()
    state.context.settings.idleMinutes = 2
    state.context.settings.isPlain = isPlain
    state.type("z")
    return state
  }

  private static func wait(_ seconds: Int, _ state: inout AppState) {
    _ = state.update(.tick, at: state.usedAt + .seconds(seconds))
  }

  @Test func screenThatIsLeftAloneEnds() {
    var state = Self.open()
    let used = state.usedAt
    #expect(state.nextTick.map { $0 <= used + .seconds(60) } == true)
    Self.wait(59, &state)
    #expect(!state.text.contains("KittyCash ends") && !state.isIdleOver)
    for (seconds, left) in [(60, "60 s"), (75, "45 s"), (119, "1 s")] {
      Self.wait(seconds, &state)
      #expect(state.text.contains("KittyCash ends in \(left), because"), "\(state.text)")
      // The next second is shown at its time.
      #expect(state.nextIdleTick == used + .seconds(seconds + 1) && !state.isIdleOver)
    }
    Self.wait(120, &state)
    #expect(state.isIdleOver)
  }

  /// A key that only says that its user is there must not delete or pay.
  @Test func keyDuringTheCountdownOnlyStays() {
    var state = Self.open()
    Self.wait(90, &state)
    let pressed = state.context.now
    #expect(state.update(.key(.character("d")), at: pressed).isEmpty && state.question == nil)
    #expect(!state.text.contains("KittyCash ends"))
    Self.wait(59, &state)
    #expect(!state.isIdleOver && !state.text.contains("KittyCash ends"))
    _ = state.update(.key(.character("d")), at: pressed + .seconds(59))
    #expect(state.question != nil)
  }

  /// Else every key would be one of the countdown.
  @Test func shortestLimitLeavesTimeToWork() {
    var state = Self.open()
    state.context.settings.idleMinutes = 1
    Self.wait(29, &state)
    #expect(state.idleSeconds == nil)
    Self.wait(31, &state)
    #expect(state.idleSeconds == 29)
  }

  @Test func screenReaderIsToldOnce() {
    var state = Self.open(isPlain: true)
    Self.wait(70, &state)
    let text = state.text
    #expect(text.contains("KittyCash ends within a minute"))
    Self.wait(95, &state)
    #expect(state.text == text)
  }

  @Test func withoutALimitNothingEnds() {
    var state = Self.open()
    state.context.settings.idleMinutes = nil
    Self.wait(100_000, &state)
    #expect(!state.isIdleOver && state.nextIdleTick == nil && state.idleWords == nil)
  }

  @Test func settingIsFromOneMinuteToADay() {
    for (text, minutes) in [("30", 30), ("1", 1), ("1440", 1440), ("0", nil), ("1441", nil), ("x", nil)] {
      let settings = ClientSettings(flags: .init(), environment: ["KITTYCASH_IDLE_MINUTES": text])
      #expect(settings.screen.idleMinutes == minutes, "\(text)")
      #expect(settings.problems.isEmpty == (minutes != nil))
    }
  }
}
