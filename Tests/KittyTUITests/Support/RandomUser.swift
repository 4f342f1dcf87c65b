import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// A user who presses anything, in a window of any size, with a server that often fails and answers late. After each event
/// it checks that no text was closed but by its user, and often that no number on the screen is cut and that a hang-up would
/// lose no text.
struct RandomUser {
  let seed: UInt64
  private var random: Seeded
  private var server: UnreliableServer
  private(set) var state = Fixtures.state(GroupsScreen())
  private var parser = KeyParser()
  private var running: [Effect]
  /// The files of the drafts. They outlive the program.
  private var drafts = RandomDrafts()
  private var now = Fixtures.start
  /// The number of keys so far, of forms with text that were left, and of screens whose numbers were compared.
  private(set) var keys = 0
  private(set) var forms = 0
  private(set) var compared = 0
  private var steps = 0
  /// `true` after a failure: the rest would only repeat it.
  private var hasFailed = false

  init(seed: UInt64) {
    self.seed = seed
    random = Seeded(seed)
    server = UnreliableServer(seed: seed)
    state.context.newID = { ID(at: .now) }
    running = state.start()
  }

  /// Goes on until `count` keys were pressed.
  mutating func press(_ count: Int) async {
    while keys < count, !hasFailed {
      steps += 1
      if steps % 50 == 0 { await Task.yield() }
      step()
    }
  }

  /// Answers all requests, and leaves all forms.
  mutating func leave() {
    for effect in running { state.finish(effect) }
    for _ in 0..<200 { state.press(state.question == nil ? .escape : .character("y")) }
  }

  private mutating func step() {
    now += .milliseconds(Int.random(in: 1...300, using: &random))
    switch Int.random(in: 0..<24, using: &random) {
    case 0..<4 where !running.isEmpty:
      // Any of them: an answer can be older than the one before it.
      let effect = running.remove(at: Int.random(in: 0..<running.count, using: &random))
      if let message = drafts.answer(effect) ?? server.answer(effect) { send(.message(message)) }
      send(.finished(effect))
    case 4:
      if let tick = state.nextTick { now = max(now, tick) }
      send(.tick)
      check(state.nextTick.map { $0 > now } ?? true, "the next tick is in the past")
    case 5: take(parser.expire())
    case 6 where steps % 7 == 0: take(parser.parse([3]))
    case 7: take(parser.expire() + parser.parse([0x1b]) + parser.expire())
    case 8 where steps % 5 == 0: resize()
    case 9 where steps % 8 == 0: compareNumbers()
    case 9:
      let (present, lost) = (state, drafts.lost(by: state, at: now))
      check(lost.isEmpty, "a hang-up would lose the text of \(lost):\n\(present.text)")
    case 10..<16 where state.question != nil: take(parser.parse("y".utf8))
    default:
      let bytes = Array(RandomKeys.next(&random).utf8)
      let cut = Int.random(in: 0...bytes.count, using: &random)
      take(parser.parse(bytes[..<cut]) + parser.parse(bytes[cut...]))
    }
  }

  private mutating func resize() {
    let isTiny = Int.random(in: 0..<4, using: &random) == 0
    let width = Int.random(in: isTiny ? 1...20 : 20...130, using: &random)
    let height = Int.random(in: isTiny ? 1...9 : 8...45, using: &random)
    send(.resized(width: width, height: height))
    let canvas = state.view()
    check(
      canvas.cells.count == height && canvas.cells.allSatisfy { $0.count == width },
      "the canvas has another size than \(width)×\(height)")
  }

  private mutating func take(_ inputs: [KeyParser.Input]) {
    for input in inputs {
      keys += 1
      if case .key(let key) = input {
        send(.key(key))
      } else if case .mouse(let mouse) = input {
        send(.mouse(mouse))
      } else if input == .interrupt {
        send(.interrupt)
      }
    }
  }

  /// Runs one event and checks that it closed no text of the user.
  private mutating func send(_ event: AppState.Event) {
    let before = state
    let effects = state.update(event, at: now)
    drafts.apply(effects)
    // The others are done by the loop itself.
    running += effects.filter { state.context.running.contains($0) }
    let isConfirmed = before.question.map { Self.answers(event, $0) } ?? false
    if effects.contains(.quit) {
      check(isConfirmed || Self.unsaved(before) == 0, "\(event) ended the client with text in a form")
      return restart()
    }
    guard Self.unsaved(state) < Self.unsaved(before) else { return }
    forms += 1
    let after = state
    let isMessage = if case .message = event { true } else { false }
    let isEdited = !isMessage && state.screens.count == before.screens.count
    let isSaved = isMessage && before.screens.contains(where: \.isLocked)
    // What was typed while the sign-out was under way is a draft.
    let isSignedOut = if case .message(.signedOut) = event { true } else { false }
    // Of two versions the user takes that of the other user.
    let isChosen = (before.top as? any VersionedForm)?.conflict != nil && !isMessage
    check(
      isConfirmed || isEdited || isSaved || isChosen || isSignedOut,
      "\(event) closed a form:\n\(before.text)\n→\n\(after.text)")
  }

  /// Starts the program again, after its end.
  private mutating func restart() {
    (state, parser) = (Fixtures.state(GroupsScreen()), KeyParser())
    state.context.newID = { ID(at: .now) }
    running = state.start()
  }

  /// `true` when an event is the answer of the user to a question.
  private static func answers(_ event: AppState.Event, _ question: AppState.Question) -> Bool {
    if case .key(let key) = event { return key == .character("y") || key == .character("Y") }
    if case .mouse = event { return true }
    if case .interrupt = event { return question.isInterrupt }
    return false
  }

  private static func unsaved(_ state: AppState) -> Int { state.screens.count { $0.hasUnsaved } }

  /// Compares the numbers on the screen with those of the same screen in a large window.
  private mutating func compareNumbers() {
    guard state.context.width >= AppState.smallest.width, state.context.height >= AppState.smallest.height
    else { return }
    compared += 1
    let canvas = state.view()
    var large = state
    _ = large.update(.resized(width: 250, height: 90), at: now)
    let wrong = ScreenNumbers(canvas).wrong(beside: ScreenNumbers(large.view()))
    check(wrong.isEmpty, "\(wrong) is cut:\n\(canvas.text)")
    check(canvas.overdrawn == 0, "text is drawn over other text:\n\(canvas.text)")
  }

  private mutating func check(_ isRight: Bool, _ words: @autoclosure () -> String) {
    guard !isRight, !hasFailed else { return }
    hasFailed = true
    Issue.record("seed \(seed), key \(keys): \(words())")
  }
}
