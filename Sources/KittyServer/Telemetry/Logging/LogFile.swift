import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// The log in a file. Whoever writes a line goes on at once: the file has a thread of its own, and while a disk is
/// full, slow or gone, lines are dropped and counted.
final class LogFile: Sendable {
  /// How many bytes may wait for the disk.
  static let limit = 8 << 20

  /// Lines that are not in the file.
  let dropped = Counter()
  private let queue = DispatchQueue(label: "log file")
  private let waiting = Atomic(0)
  private let file: Mutex<RotatingFile>
  private let complaints = Mutex(Complaints())
  private let complain: @Sendable (String) -> Void

  private struct Complaints {
    var last: ContinuousClock.Instant?
  }

  /// - Parameter complain: Called with a sentence when the file cannot be written: once, until it could for a minute.
  init(_ file: RotatingFile, complain: @escaping @Sendable (String) -> Void = LogFile.say) {
    self.file = Mutex(file)
    self.complain = complain
  }

  /// Has a line written, which ends with a line feed.
  func write(_ line: Data) {
    guard waiting.add(line.count, ordering: .relaxed).newValue <= Self.limit else {
      waiting.subtract(line.count, ordering: .relaxed)
      return dropped.add()
    }
    queue.async {
      self.append(line)
      self.waiting.subtract(line.count, ordering: .relaxed)
    }
  }

  /// Waits until everything is written, for a time: a disk that hangs must not keep the program from its end.
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
      let isNews = complaints.withLock { complaints in
        let now = ContinuousClock.now
        defer { complaints.last = now }
        return complaints.last.map { now - $0 > .seconds(60) } ?? true
      }
      if isNews {
        complain(
          "the log file \(error.path) \(error.what): \(error.why). Lines go to standard output alone until it can"
        )
      }
    }
  }

  /// Says a sentence on standard error.
  @Sendable static func say(_ sentence: String) {
    let text = Array("kittycash-server: \(sentence).\n".utf8)
    _ = unsafe text.withUnsafeBytes { bytes in
      unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
  }
}
