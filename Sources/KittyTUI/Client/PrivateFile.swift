import FoundationEssentials
import POSIX
import SystemPackage

/// A small file that only its owner can read.
struct PrivateFile: Sendable {
  let path: String
  /// The consequence for the user when it cannot be written.
  var unwritten = "you stay signed in until this program ends"

  /// The folder of these files: `$XDG_STATE_HOME/kittycash` or `~/.local/state/kittycash`.
  static func folder(_ environment: [String: String]) -> String {
    let home = environment["HOME"] ?? "/"
    let state =
      environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.local/state"
    return state + "/kittycash"
  }

  /// Returns the part of a file's name for a server.
  static func name(of server: ServerAddress) -> String {
    String(server.url.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" ? $0 : "_" })
  }

  /// The file cannot be used as it is.
  struct Unsafe: Error, CustomStringConvertible {
    let description: String
  }

  /// Returns the content, at most `limit` bytes; `nil` when the file does not exist.
  /// - Throws: `Unsafe` when the file is a link or belongs to another user.
  func read(upTo limit: Int = 4096) throws(Unsafe) -> [UInt8]? {
    let file: FileDescriptor
    do {
      file = try .open(FilePath(path), .readOnly, options: [.noFollow, .closeOnExec])
    } catch {
      if error as? Errno == .noSuchFileOrDirectory { return nil }
      throw Unsafe(
        description:
          "Cannot read \(path): it is a link, or belongs to another user. Remove it and sign in again.")
    }
    defer { try? file.close() }
    guard let information = try? file.stat(), information.userID == CurrentProcess.effectiveUser else {
      throw Unsafe(description: "\(path) belongs to another user. Remove it and sign in again.")
    }
    // Other users may have read it already; from now on only the owner can.
    if !information.permissions.isDisjoint(with: [.groupReadWriteExecute, .otherReadWriteExecute]) {
      try? file.setPermissions(.ownerReadWrite)
    }
    return (try? file.read(upTo: limit)) ?? []
  }

  /// Replaces the content: writes a temporary file and renames it. The file is never readable for other users.
  /// - Throws: `Unsafe` when the file cannot be written.
  func write(_ bytes: [UInt8]) throws(Unsafe) {
    let file = try replace(with: bytes, isLocked: false)
    // All bytes are on the disk already.
    try? file.close()
  }

  /// Replaces the content, and keeps the lock of the file until the descriptor is closed.
  /// - Throws: `Unsafe` when the file cannot be written.
  func writeLocked(_ bytes: [UInt8]) throws(Unsafe) -> FileDescriptor {
    try replace(with: bytes, isLocked: true)
  }

  private func replace(with bytes: [UInt8], isLocked: Bool) throws(Unsafe) -> FileDescriptor {
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    // If this fails, so does opening the file.
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try? FilePath(folder).setPermissions(.ownerReadWriteExecute)
    let temporary = FilePath("\(path).\(CurrentProcess.id)")
    try? temporary.remove()
    let file: FileDescriptor
    do {
      file = try .open(
        temporary, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
        permissions: .ownerReadWrite)
    } catch {
      throw Unsafe(description: "Cannot write \(temporary): \(unwritten).")
    }
    do {
      try file.writeAll(bytes)
      try file.sync()
      // No other process knows the file yet, so its lock is free.
      if isLocked { _ = file.tryLock() }
      try temporary.rename(to: FilePath(path))
      return file
    } catch {
      try? file.close()
      try? temporary.remove()
      throw Unsafe(description: "Cannot write \(path): \(unwritten).")
    }
  }

  /// Removes the file.
  func remove() { try? FilePath(path).remove() }
}
