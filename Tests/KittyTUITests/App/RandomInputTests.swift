import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// A user at a terminal that sends anything, with a server that often fails.
struct RandomInputTests {
  private static let keys: [String] =
    KeyParserTests.unknown
    + [
      "\u{1b}[A", "\u{1b}[B", "\u{1b}[C", "\u{1b}[D", "\u{1b}[5~", "\u{1b}[6~", "\t", "\t", "\u{1b}[Z", "\r",
      "\r",
      "\u{7f}", "\u{13}", "\u{13}", "\u{f}", "\u{18}", "\u{e}", "\u{15}", "\u{17}", " ", "y", "q", "a", "a",
      "m",
      "e", "n", "Dinner", "12.50", "é", "寿", "\u{1b}[200~\ry\rq\u{3}d\u{1b}[201~",
      "\u{1b}[200~12,50\u{1b}[201~",
    ] + (1...24).map { "\u{1b}[<0;\($0 % 5 * 8 + 2);\($0)M\u{1b}[<0;\($0 % 5 * 8 + 2);\($0)m" }
    + ["\u{1b}[<64;3;9M", "\u{1b}[<65;3;9M"] + "bcdfgijklmoprstuvwxhACDILMPSU/?0,.".map { String($0) }

  private func unsaved(_ state: AppState) -> Int { state.screens.count { $0.hasUnsaved } }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func textIsClosedOnlyByItsUser(seed: UInt64) async {
    var random = Seeded(seed)
    var server = UnreliableServer(seed: seed)
    var state = Fixtures.state(GroupsScreen())
    var parser = KeyParser()
    var running = state.start()
    var now = Fixtures.start
    var forms = 0

    /// Runs one event and checks that it closed no text of the user.
    func send(_ event: AppState.Event) {
      let before = state
      let effects = state.update(event, at: now)
      running += effects.filter { !$0.isForLoop }
      let isConfirmed: Bool =
        switch event {
        case .key(.character("y")), .mouse: before.question != nil
        case .interrupt: before.question?.isInterrupt == true
        default: false
        }
      if effects.contains(.quit) {
        #expect(isConfirmed || unsaved(before) == 0, "\(event) ended the client with text in a form")
      }
      guard unsaved(state) < unsaved(before) else { return }
      forms += 1
      let isEdited = if case .message = event { false } else { state.screens.count == before.screens.count }
      let isSaved = if case .message = event { before.screens.contains(where: \.isLocked) } else { false }
      #expect(isConfirmed || isEdited || isSaved, "\(event) closed a form:\n\(before.text)\n→\n\(state.text)")
    }

    for step in 0..<10_000 {
      if step % 50 == 0 { await Task.yield() }
      now += .milliseconds(Int.random(in: 1...300, using: &random))
      switch Int.random(in: 0..<20, using: &random) {
      case 0..<4 where !running.isEmpty:
        let effect = running.remove(at: Int.random(in: 0..<running.count, using: &random))
        if let message = server.answer(effect) { send(.message(message)) }
        send(.finished(effect))
      case 4:
        if let tick = state.nextTick { now = max(now, tick) }
        send(.tick)
        #expect(state.nextTick.map { $0 > now } ?? true, "the next tick is in the past")
      case 5: for input in parser.expire() { take(input, send) }
      case 6 where step % 7 == 0: send(.interrupt)
      case 7:
        // Escape, alone.
        for input in parser.expire() + parser.parse([0x1b]) + parser.expire() { take(input, send) }
      case 8..<14 where state.question != nil: send(.key(.character("y")))
      default:
        let bytes = Array((Self.keys.randomElement(using: &random) ?? "").utf8)
        let cut = Int.random(in: 0...bytes.count, using: &random)
        for input in parser.parse(bytes[..<cut]) + parser.parse(bytes[cut...]) { take(input, send) }
      }
      if step % 25 == 0 { #expect(state.view().cells.count == 24) }
    }
    #expect(forms > 60, "the keys reached few forms")
    // It still works: every form is left, and the groups are read.
    for effect in running { state.finish(effect) }
    for _ in 0..<60 { _ = state.press(state.question == nil ? .escape : .character("y")) }
    #expect(unsaved(state) == 0)
  }

  private func take(_ input: KeyParser.Input, _ send: (AppState.Event) -> Void) {
    switch input {
    case .key(let key): send(.key(key))
    case .mouse(let mouse): send(.mouse(mouse))
    case .interrupt: send(.interrupt)
    case .suspend, .repaint, .reply: break
    }
  }
}
