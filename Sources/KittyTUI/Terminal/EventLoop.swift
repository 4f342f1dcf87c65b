import Glibc
import POSIX
import SystemPackage

/// The loop of the main thread: waits for keys, messages of effects and timers, and draws once for all events
/// that came together.
struct EventLoop {
  let terminal: Terminal
  let queue: EventQueue
  let runner: EffectRunner
  let environment: [String: String]

  /// The screen that the terminal shows now, and its pictures.
  private struct Shown {
    /// `nil` when the terminal shows something else.
    var canvas: Canvas?
    var pictures = PictureSupport()
  }

  /// Runs until the user quits or the terminal is closed.
  /// - Returns: The exit code: 0, `idleCode`, or 128 and the signal's number.
  func run(_ state: AppState) -> Int32 {
    var state = state
    let code = run(&state)
    // A signal, a closed terminal and a person who has gone leave no time for a question.
    if code != 0 { keepDrafts(&state) }
    runner.finishDrafts()
    return code
  }

  /// Writes the unsaved text of all forms, before the program ends or is suspended.
  private func keepDrafts(_ state: inout AppState) {
    for effect in state.update(.keepDrafts, at: .now) { runner.run(effect) }
    runner.finishDrafts()
  }

  /// The exit code after the time without a key, as that of timeout(1).
  static let idleCode: Int32 = 124

  /// The exit code after the session was ended from elsewhere, as that of the commands.
  static let endedCode: Int32 = 3

  private func run(_ state: inout AppState) -> Int32 {
    var parser = KeyParser()
    var shown = Shown()
    terminal.send(
      shown.pictures.question(
        state.context.settings, environment, knowsCell: terminal.cell != nil, at: .now))
    if shown.pictures.method != nil { _ = state.update(.canDrawPictures, at: .now) }
    var lastInput = ContinuousClock.now
    resize(&state)
    var effects = state.start()
    var looksTheSame = false
    while true {
      for effect in effects { start(effect) }
      if effects.contains(.quit) { return 0 }
      effects = []
      state.context.isPasting = parser.isPasting
      terminal.useMouse(state.context.settings.usesMouse)
      if !looksTheSame {
        let canvas = state.view()
        terminal.show(canvas, after: shown.canvas, pictures: shown.pictures.method)
        shown.canvas = canvas
      }

      // The rest of a sequence must come soon; else the bytes so far are all.
      let patience = parser.isInSequence ? Self.patienceInSequence : terminal.patience
      let expiry = parser.isUndecided ? lastInput + patience : nil
      let ready = Readiness.wait(
        for: [.standardInput, queue.descriptor, terminal.signals],
        timeout: [state.nextTick, expiry].compactMap { $0 }.min().map { $0 - .now })
      let now = ContinuousClock.now

      if ready[2].isReadable, let end = takeSignals(&state, &shown) { return 128 + end }
      if ready[0].isClosed { return 128 + SIGHUP }
      var inputs: [KeyParser.Input] = []
      if ready[0].isReadable {
        guard let bytes = terminal.read() else { return 128 + SIGHUP }
        lastInput = now
        inputs = parser.parse(bytes)
      } else if let expiry, expiry <= now {
        inputs = parser.expire()
      }
      for input in inputs { effects += take(input, &state, &shown, at: now) }
      let events = queue.take()
      for event in events { effects += state.update(event, at: now) }
      let isTick = state.nextTick.map { $0 <= now } ?? false
      if isTick { effects += state.update(.tick, at: now) }
      looksTheSame =
        isTick && state.looksTheSame && inputs.isEmpty && events.isEmpty && !ready[2].isReadable
      if state.isIdleOver { return Self.idleCode }
      if state.isEnded { return Self.endedCode }
    }
  }

  /// The time to wait for the rest of a sequence that no person types.
  private static let patienceInSequence: Duration = .seconds(2)

  private func start(_ effect: Effect) {
    switch effect {
    case .quit: break
    case .copy(let text): terminal.copy(text)
    default: runner.run(effect)
    }
  }

  private func take(
    _ input: KeyParser.Input, _ state: inout AppState, _ shown: inout Shown,
    at now: ContinuousClock.Instant
  ) -> [Effect] {
    switch input {
    case .key(let key): return state.update(.key(key), at: now)
    case .mouse(let mouse): return state.update(.mouse(mouse), at: now)
    case .interrupt: return state.update(.interrupt, at: now)
    case .reply(let reply):
      if shown.pictures.take(reply, knowsCell: terminal.cell != nil, at: now) {
        return state.update(.canDrawPictures, at: now)
      }
    case .repaint:
      terminal.repaint()
      shown.canvas = nil
    case .suspend where state.context.kiosk != nil: break
    case .suspend:
      keepDrafts(&state)
      terminal.suspend()
      shown.canvas = nil
      resize(&state)
    }
    return []
  }

  /// Follows a change of the window's size.
  /// - Returns: The signal that ends the program, if there was one.
  private func takeSignals(_ state: inout AppState, _ shown: inout Shown) -> Int32? {
    let signals = (try? terminal.signals.readAvailable(upTo: 64)) ?? []
    if let end = signals.first(where: { Int32($0) != SIGWINCH }) { return Int32(end) }
    resize(&state)
    if shown.canvas?.picture != nil {
      // The terminal may have moved or cut the picture.
      terminal.repaint()
      shown.canvas = nil
    }
    return nil
  }

  private func resize(_ state: inout AppState) {
    terminal.resize()
    let (width, height) = terminal.size
    _ = state.update(.resized(width: width, height: height), at: .now)
  }
}
