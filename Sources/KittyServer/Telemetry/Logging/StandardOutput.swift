import FoundationEssentials
import KittyShared
import Synchronization
import SystemPackage

/// Standard output, written in whole lines by one thread at a time.
enum StandardOutput {
  private static let turn = Mutex(())

  /// Writes a text for people or programs, and a line feed. Its invisible controls are escaped.
  static func write(line: String) { write(Data((line.withoutInvisibleControls + "\n").utf8)) }

  static func write(_ data: Data) {
    // A log that cannot be written must not stop the server.
    turn.withLock { _ in _ = try? FileDescriptor.standardOutput.writeAll(data) }
  }
}
