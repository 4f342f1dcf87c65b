import FoundationEssentials
import KittyShared
import POSIX
import Synchronization
import SystemPackage

/// A log of the requests, for a person who looks for a fault. It has methods, paths, statuses and times: no bodies, no
/// headers, no queries and no tokens. It is readable by its owner alone, and bounded: the older half is replaced.
final class DebugLog: Sendable {
  private struct State {
    var file: FileDescriptor
    var size: Int64
  }

  let path: String
  private let limit: Int64
  private let state: Mutex<State>

  /// The path of the log.
  static func path(_ environment: [String: String]) -> String {
    PrivateFile.folder(environment) + "/debug.log"
  }

  /// - Parameter limit: The size at which the log becomes the old one, which is kept beside it.
  /// - Throws: `PrivateFile.Unsafe` when it cannot be written, is a link, or belongs to another user.
  init(path: String, limit: Int64 = 1 << 20) throws(PrivateFile.Unsafe) {
    self.path = path
    self.limit = limit
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    // If this fails, so does opening the file.
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let (file, size) = try Self.open(path)
    state = Mutex(State(file: file, size: size))
  }

  deinit { state.withLock { try? $0.file.close() } }

  private static func open(_ path: String) throws(PrivateFile.Unsafe) -> (FileDescriptor, Int64) {
    do {
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .append, .noFollow, .closeOnExec, .nonBlocking],
        permissions: .ownerReadWrite)
      let information = try file.stat()
      guard information.userID == CurrentProcess.effectiveUser else {
        try file.close()
        throw PrivateFile.Unsafe(description: "\(path) belongs to another user: there is no log.")
      }
      try file.setPermissions(.ownerReadWrite)
      return (file, Int64(information.size))
    } catch let error as PrivateFile.Unsafe {
      throw error
    } catch {
      throw PrivateFile.Unsafe(description: "Cannot write \(path): there is no log (\(error)).")
    }
  }

  /// Adds a line with the time.
  func note(_ text: String) {
    let line = Array("\(Instant.now) \(SafeText(text).string)\n".utf8)
    state.withLock { state in
      if state.size + Int64(line.count) > limit, let next = rotate() {
        try? state.file.close()
        state.file = next
        state.size = 0
      }
      // A full disk costs lines of the log, and nothing else.
      if (try? state.file.writeAll(line)) != nil { state.size += Int64(line.count) }
    }
  }

  private func rotate() -> FileDescriptor? {
    try? FilePath(path).rename(to: FilePath(path + ".old"))
    return try? Self.open(path).0
  }

  /// Adds a line about a request and its answer.
  /// - Parameter answer: The status and the size, or the reason why there is none.
  func note(method: String, url: String, id: String?, answer: String, after time: Duration) {
    let path = url.prefix { $0 != "?" }
    let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
    note("\(method) \(path) \(answer), \(milliseconds) ms, request \(id ?? "-")")
  }
}
