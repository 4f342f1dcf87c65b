import CNcurses
import Glibc
import Synchronization

/// Events from other threads, and a descriptor that wakes the main thread for them.
final class EventQueue: Sendable {
  private let events = Mutex<[AppState.Event]>([])
  /// Readable while the queue has events.
  let descriptor: Int32

  init() { descriptor = kitty_wakeup() }

  /// Adds an event. May be called on any thread.
  func post(_ event: AppState.Event) {
    events.withLock { $0.append(event) }
    var one: UInt64 = 1
    unsafe withUnsafeBytes(of: &one) { _ = unsafe write(descriptor, $0.baseAddress, $0.count) }
  }

  /// Removes and returns all events.
  func take() -> [AppState.Event] {
    var count: UInt64 = 0
    unsafe withUnsafeMutableBytes(of: &count) { _ = unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
    return events.withLock { events in
      defer { events = [] }
      return events
    }
  }
}

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

      var entries = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: queue.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: terminal.signals, events: Int16(POLLIN), revents: 0),
      ]
      _ = unsafe poll(&entries, 3, timeout(state))
      let now = ContinuousClock.now

      if entries[2].revents != 0 {
        var number: UInt8 = 0
        unsafe withUnsafeMutableBytes(of: &number) {
          _ = unsafe Glibc.read(terminal.signals, $0.baseAddress, 1)
        }
        return 128 + Int32(number)
      }
      // A closed terminal stays readable for ever and has no keys.
      if entries[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return 128 + SIGHUP }

      // Also after a signal: ncurses reports a change of size as a key.
      let inputs = terminal.read()
      if entries[0].revents != 0 && inputs.isEmpty { silentReads += 1 } else { silentReads = 0 }
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

  /// Milliseconds until the next tick; -1 without one.
  private func timeout(_ state: AppState) -> Int32 {
    guard let tick = state.nextTick else { return -1 }
    let (seconds, attoseconds) = (tick - .now).components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    return Int32(clamping: max(0, milliseconds + 1))
  }
}
