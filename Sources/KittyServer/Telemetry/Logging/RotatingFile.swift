import FoundationEssentials
import Glibc

/// A file of lines that begins anew when it is full: it becomes `.1`, what was `.1` becomes `.2`, and the oldest
/// goes. Several processes may write to the same one. A line is in one file as a whole; a piece of one, where the
/// disk was full, is a line of its own.
struct RotatingFile: Sendable {
  let path: String
  /// A file that has lines already is not made longer than this, in bytes.
  let maxBytes: Int
  /// How many old ones there are.
  let kept: Int
  private var descriptor: Descriptor?
  /// Until when nothing is tried, after a failure.
  private var restUntil: ContinuousClock.Instant?
  /// Whether the file may end within a line.
  private var isTorn = false

  /// Why a line could not be written.
  struct Failure: Error {
    let path: String
    /// Such as "cannot be opened".
    let what: String
    let why: String
  }

  /// An open file, closed when nobody has it any more.
  private final class Descriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
  }

  init(path: String, maxBytes: Int, kept: Int) {
    self.path = path
    self.maxBytes = maxBytes
    self.kept = kept
  }

  /// Writes a line at the end.
  /// - Throws: `Failure`; then the next second it throws again without having tried.
  mutating func append(_ line: Data) throws(Failure) {
    if let restUntil, restUntil > .now { throw Failure(path: path, what: "rests", why: "it failed just now") }
    do throws(Failure) {
      var (file, size) = try current()
      if size > 0, size + line.count > maxBytes, try rotate(file) { (file, size) = try current() }
      try write(isTorn ? Data("\n".utf8) + line : line, to: file)
      restUntil = nil
    } catch {
      restUntil = .now + .seconds(1)
      descriptor = nil
      throw error
    }
  }

  /// The file that has the name now, which somebody may have moved away, and its size.
  private mutating func current() throws(Failure) -> (Descriptor, Int) {
    if let descriptor, let named = status(of: path), let open = status(of: descriptor),
      named.st_ino == open.st_ino, named.st_dev == open.st_dev
    {
      return (descriptor, Int(open.st_size))
    }
    // Without O_NONBLOCK a pipe of this name would hold it up until somebody reads.
    let number = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o640)
    guard number >= 0 else { throw failure("cannot be opened") }
    let opened = Descriptor(number)
    guard let status = status(of: opened) else { throw failure("cannot be opened") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(path: path, what: "cannot be used", why: "it is something else than a file")
    }
    descriptor = opened
    if status.st_size == 0 { isTorn = false }
    return (opened, Int(status.st_size))
  }

  /// Gives the files their next names.
  /// - Returns: Whether there is, or may be, a new file of this name now.
  private mutating func rotate(_ file: Descriptor) throws(Failure) -> Bool {
    // Whoever has the lock of the file that has the name may take the name from it. Another process that is at
    // it just now is left to it: some lines more do not matter.
    guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else { return false }
    defer { flock(file.number, LOCK_UN) }
    guard let named = status(of: path), let open = status(of: file), named.st_ino == open.st_ino else {
      return true
    }
    var number = 1
    while number < kept, status(of: "\(path).\(number)") != nil { number += 1 }
    while number > 1 {
      guard unsafe rename("\(path).\(number - 1)", "\(path).\(number)") == 0 else {
        throw failure("cannot be rotated")
      }
      number -= 1
    }
    guard unsafe rename(path, path + ".1") == 0 else { throw failure("cannot be rotated") }
    isTorn = false
    return true
  }

  private mutating func write(_ line: Data, to file: Descriptor) throws(Failure) {
    var rest = line[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(file.number, bytes.baseAddress, bytes.count)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        if rest.count < line.count { isTorn = true }
        throw failure("cannot be written")
      }
      rest = rest.dropFirst(written)
    }
    isTorn = false
  }

  private func status(of path: String) -> stat? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status : nil
  }

  private func status(of file: Descriptor) -> stat? {
    var status = stat()
    return unsafe fstat(file.number, &status) == 0 ? status : nil
  }

  private func failure(_ what: String) -> Failure {
    let number = errno
    return Failure(path: path, what: what, why: unsafe String(cString: strerror(number)))
  }
}
