import Glibc
import SystemPackage

/// Result of waiting for a file descriptor.
package struct Readiness: Sendable {
  fileprivate let events: Int32

  /// `true` when reading returns at once: with bytes, at the end, or with an error.
  package var isReadable: Bool { events != 0 }

  /// `true` when the other end is closed, or the descriptor is not usable.
  package var isClosed: Bool { events & (POLLHUP | POLLERR | POLLNVAL) != 0 }

  /// Waits until one of the descriptors is readable, the time is over, or a signal comes.
  /// - Parameter timeout: `nil` for no limit. It is rounded up to milliseconds.
  /// - Returns: The readiness of each descriptor, in the same order.
  package static func wait(for descriptors: [FileDescriptor], timeout: Duration?) -> [Readiness] {
    var entries = descriptors.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
    // At a signal no entry is filled in.
    if poll(&entries, nfds_t(entries.count), milliseconds(timeout)) < 0 {
      return descriptors.map { _ in Readiness(events: 0) }
    }
    return entries.map { Readiness(events: Int32($0.revents)) }
  }

  private static func milliseconds(_ timeout: Duration?) -> Int32 {
    guard let (seconds, attoseconds) = timeout?.components else { return -1 }
    return Int32(
      clamping: max(0, seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
  }
}

/// A pipe with which any thread wakes another that waits in `Readiness.wait`.
package final class WakeUpPipe: Sendable {
  /// Readable from `signal` to `reset`.
  package let descriptor: FileDescriptor
  private let input: FileDescriptor

  /// - Throws: The error of the system, such as for too many open files.
  package init() throws(Errno) {
    do { (descriptor, input) = try FileDescriptor.pipe() } catch { throw Errno(error) }
    for end in [descriptor, input] {
      guard fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) == 0, fcntl(end.rawValue, F_SETFL, O_NONBLOCK) == 0
      else {
        throw .last
      }
    }
  }

  deinit {
    try? descriptor.close()
    try? input.close()
  }

  /// Makes the descriptor readable.
  package func signal() {
    // A full pipe is readable already.
    _ = try? input.writeAll(CollectionOfOne(1))
  }

  /// Makes the descriptor unreadable until the next `signal`.
  package func reset() {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      while let count = try? descriptor.read(into: buffer), count == buffer.count {}
    }
  }
}
