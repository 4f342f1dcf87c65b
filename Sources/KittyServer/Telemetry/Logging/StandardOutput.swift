import FoundationEssentials
import Synchronization
import SystemPackage

/// Standard output, written in whole lines by one thread at a time.
enum StandardOutput {
  private static let turn = Mutex(())

  static func write(_ data: Data) {
    // A log that cannot be written must not stop the server.
    turn.withLock { _ in _ = try? FileDescriptor.standardOutput.writeAll(data) }
  }
}
