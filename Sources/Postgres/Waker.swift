import Foundation

/// Wakes a thread that waits in `poll`, through a pipe.
final class Waker: Sendable {
  /// Readable after `wake`.
  let descriptor: Int32
  private let input: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "too many open files")
    (descriptor, input) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    Foundation.close(descriptor)
    Foundation.close(input)
  }

  /// Makes the descriptor readable. A full pipe is readable already.
  func wake() { _ = write(input, [0], 1) }

  /// Makes the descriptor unreadable until the next `wake`.
  func clear() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }
}
