import FoundationEssentials
import Glibc
import Synchronization

/// Whole lines to standard output, one writer at a time.
enum StandardOutput {
  private static let turn = Mutex(())

  static func write(_ data: Data) {
    turn.withLock { _ in
      var rest = data[...]
      while !rest.isEmpty {
        let written = unsafe rest.withUnsafeBytes { bytes in
          unsafe Glibc.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
        }
        // A log that cannot be written must not stop the server.
        if written < 0 && errno != EINTR { return }
        rest = rest.dropFirst(max(0, written))
      }
    }
  }
}
