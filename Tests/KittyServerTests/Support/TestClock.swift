import KittyShared
import Synchronization

@testable import KittyServer

/// A clock that a test moves; it starts at the present.
final class TestClock: Sendable {
  private let instant = Mutex(Instant.now)

  var now: Instant { instant.withLock { $0 } }
  func advance(by duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }
}
