import Dispatch
import FoundationEssentials
import Synchronization

/// The log in a file. The caller never waits for the disk: the file has a thread of its own, and while the disk is
/// full, slow or missing, lines are dropped and counted.
final class LogFile: Sendable {
  /// Maximum number of bytes that wait for the disk.
  static let limit = 8 << 20

  /// Lines that are not in the file.
  let dropped = Counter()
  private let queue = DispatchQueue(label: "log file")
  private let waitingBytes = Atomic(0)
  private let file: Mutex<RotatingFile>
  private let lastFailure = Mutex(LastFailure())
  private let report: @Sendable (String) -> Void

  private struct LastFailure {
    var time: ContinuousClock.Instant?
  }

  /// - Parameter report: Called with a sentence when the file cannot be written, and again only when a minute has
  ///   passed without a failure.
  init(_ file: RotatingFile, report: @escaping @Sendable (String) -> Void = { StandardError.write($0 + ".") })
  {
    self.file = Mutex(file)
    self.report = report
  }

  /// Enqueues a line, which ends with a line feed.
  func write(_ line: Data) {
    guard waitingBytes.add(line.count, ordering: .relaxed).newValue <= Self.limit else {
      waitingBytes.subtract(line.count, ordering: .relaxed)
      return dropped.add()
    }
    queue.async {
      self.append(line)
      self.waitingBytes.subtract(line.count, ordering: .relaxed)
    }
  }

  /// Waits until everything is written, with a time limit: a disk that hangs must not keep the program from ending.
  func flush(within limit: Duration = .seconds(2)) {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    _ = done.wait(timeout: .now() + .seconds(Int(limit.components.seconds)))
  }

  private func append(_ line: Data) {
    do throws(RotatingFile.Failure) {
      try file.withLock { file throws(RotatingFile.Failure) in try file.append(line) }
    } catch {
      dropped.add()
      let isNew = lastFailure.withLock { last in
        let now = ContinuousClock.now
        defer { last.time = now }
        return last.time.map { now - $0 > .seconds(60) } ?? true
      }
      if isNew {
        report(
          "the log file \(error.path) \(error.problem): \(error.reason). Until it can be written, lines go to standard output only"
        )
      }
    }
  }
}
