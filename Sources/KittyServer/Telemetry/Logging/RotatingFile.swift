import FoundationEssentials
import POSIX
import SystemPackage

/// A file of lines that is rotated when it is full: it becomes `.1`, the former `.1` becomes `.2`, and the oldest is
/// removed. Several processes may write to the same file. A line is never split between two files. When the disk was
/// full in the middle of a line, the part that was written stays as a line of its own.
struct RotatingFile: Sendable {
  let path: String
  /// Maximum size in bytes, except for a file with a single line that is longer.
  let maxBytes: Int
  /// Number of old files.
  let kept: Int
  private var descriptor: Descriptor?
  /// After a failure: the time of the next attempt.
  private var nextAttempt: ContinuousClock.Instant?
  /// `true` when the file may end in the middle of a line.
  private var endsInsideLine = false

  /// A line could not be written.
  struct Failure: Error {
    let path: String
    /// Such as "cannot be opened".
    let problem: String
    let reason: String

    init(path: String, problem: String, reason: String) {
      self.path = path
      self.problem = problem
      self.reason = reason
    }

    fileprivate init(path: String, problem: String, _ error: any Error) {
      self.init(path: path, problem: problem, reason: "\(error)")
    }
  }

  /// An open file, closed with its last reference.
  private final class Descriptor: Sendable {
    let file: FileDescriptor
    init(_ file: FileDescriptor) { self.file = file }
    deinit { try? file.close() }
  }

  init(path: String, maxBytes: Int, kept: Int) {
    self.path = path
    self.maxBytes = maxBytes
    self.kept = kept
  }

  /// Appends a line.
  /// - Throws: `Failure`. For one second after a failure the file is not tried again.
  mutating func append(_ line: Data) throws(Failure) {
    if let nextAttempt, nextAttempt > .now {
      throw Failure(path: path, problem: "is not tried", reason: "it failed less than a second ago")
    }
    do throws(Failure) {
      var (open, size) = try current()
      if size > 0, size + line.count > maxBytes, try rotate(open) { (open, size) = try current() }
      try write(endsInsideLine ? Data("\n".utf8) + line : line, to: open)
      nextAttempt = nil
    } catch {
      nextAttempt = .now + .seconds(1)
      descriptor = nil
      throw error
    }
  }

  /// The file that has the name now, and its size. Another program may have moved the former one away.
  private mutating func current() throws(Failure) -> (Descriptor, Int) {
    if let descriptor, let named = status(of: path), let open = try? descriptor.file.stat(),
      named.inode == open.inode, named.deviceID == open.deviceID
    {
      return (descriptor, Int(open.size))
    }
    let opened: Descriptor
    let status: Stat
    do {
      // Without O_NONBLOCK, opening a pipe of this name would wait for a reader.
      opened = Descriptor(
        try .open(
          FilePath(path), .writeOnly,
          options: [.append, .create, .closeOnExec, .nonBlocking, .noControllingTerminal],
          permissions: [.ownerReadWrite, .groupRead]))
      status = try opened.file.stat()
    } catch {
      throw Failure(path: path, problem: "cannot be opened", error)
    }
    guard status.type == .regular else {
      throw Failure(path: path, problem: "cannot be used", reason: "it is not a regular file")
    }
    descriptor = opened
    if status.size == 0 { endsInsideLine = false }
    return (opened, Int(status.size))
  }

  /// Gives the files their next names.
  /// - Returns: Whether there is, or may be, a new file of this name now.
  private mutating func rotate(_ open: Descriptor) throws(Failure) -> Bool {
    // Only the holder of the file's lock may rename it. If another process is rotating at the same time, this one
    // goes on with the full file: some lines too many do not matter.
    guard open.file.tryLock() else { return false }
    defer { open.file.unlock() }
    guard let named = status(of: path), let opened = try? open.file.stat(), named.inode == opened.inode else {
      return true
    }
    var number = 1
    while number < kept, status(of: "\(path).\(number)") != nil { number += 1 }
    do {
      while number > 1 {
        try FilePath("\(path).\(number - 1)").rename(to: FilePath("\(path).\(number)"))
        number -= 1
      }
      try FilePath(path).rename(to: FilePath(path + ".1"))
    } catch {
      throw Failure(path: path, problem: "cannot be rotated", error)
    }
    endsInsideLine = false
    return true
  }

  private mutating func write(_ line: Data, to open: Descriptor) throws(Failure) {
    var remaining = line[...]
    while !remaining.isEmpty {
      do {
        remaining = remaining.dropFirst(try open.file.write(someOf: remaining.bytes))
      } catch {
        if remaining.count < line.count { endsInsideLine = true }
        throw Failure(path: path, problem: "cannot be written", error)
      }
    }
    endsInsideLine = false
  }

  private func status(of path: String) -> Stat? { try? FilePath(path).stat() }
}
