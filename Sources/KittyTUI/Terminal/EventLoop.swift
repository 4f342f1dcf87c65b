import Glibc
import POSIX
import SystemPackage

/// The loop of the main thread: waits for keys, messages of effects and timers, and draws once for all events
/// that came together.
struct EventLoop {
  let terminal: Terminal
  let queue: EventQueue
  let runner: EffectRunner

  /// Runs until the user quits or the terminal is closed.
  /// - Returns: The exit code: 0, or 128 and the signal's number.
  func run(_ state: AppState) -> Int32 {
    var state = state
    resize(&state)
    var effects = state.start()
    var silentReads = 0
    while true {
      for effect in effects where effect != .quit { runner.run(effect) }
      if effects.contains(.quit) { return 0 }
      effects = []
      terminal.show(state.view())

      let ready = Readiness.wait(
        for: [.standardInput, queue.descriptor, terminal.signals], timeout: state.nextTick.map { $0 - .now })
      let now = ContinuousClock.now

      if ready[2].isReadable {
        return 128 + Int32((try? terminal.signals.read(upTo: 1))?.first ?? 0)
      }
      // A closed terminal stays readable for ever and has no keys.
      if ready[0].isClosed { return 128 + SIGHUP }

      // Also after a signal: ncurses reports a change of size as a key.
      let inputs = terminal.read()
      if ready[0].isReadable && inputs.isEmpty { silentReads += 1 } else { silentReads = 0 }
      if silentReads > 3 { return 128 + SIGHUP }
      for input in inputs {
        switch input {
        case .key(let key): effects += state.update(.key(key), at: now)
        case .interrupt: effects += state.update(.interrupt, at: now)
        case .resized: resize(&state)
        case .suspend:
          terminal.suspend()
          resize(&state)
        }
      }
      for event in queue.take() { effects += state.update(event, at: now) }
      if let tick = state.nextTick, tick <= now { effects += state.update(.tick, at: now) }
    }
  }

  private func resize(_ state: inout AppState) {
    let (width, height) = terminal.size
    _ = state.update(.resized(width: width, height: height), at: .now)
  }
}
