import POSIX
import Synchronization
import SystemPackage

/// Events from other threads, and a descriptor that wakes the main thread for them.
final class EventQueue: Sendable {
  private let events = Mutex<[AppState.Event]>([])
  private let wakeUp: WakeUpPipe
  /// Readable while the queue has events.
  var descriptor: FileDescriptor { wakeUp.descriptor }

  /// - Throws: The error of the system, such as for too many open files.
  init() throws(Errno) { wakeUp = try WakeUpPipe() }

  /// Adds events. May be called on any thread.
  func post(_ added: [AppState.Event]) {
    events.withLock { $0 += added }
    wakeUp.signal()
  }

  /// Removes and returns all events.
  func take() -> [AppState.Event] {
    wakeUp.reset()
    return events.withLock { events in
      defer { events = [] }
      return events
    }
  }
}
