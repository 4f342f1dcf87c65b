import FoundationEssentials
import POSIX
import SystemPackage

/// A small file that only its owner can read.
struct PrivateFile: Sendable {
  let path: String

  /// The folder of these files: `$XDG_STATE_HOME/kittycash` or `~/.local/state/kittycash`.
  static func folder(_ environment: [String: String]) -> String {
    let home = environment["HOME"] ?? "/"
    let state =
      environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.local/state"
    return state + "/kittycash"
  }

  /// The file cannot be used as it is.
  struct Unsafe: Error, CustomStringConvertible {
    let description: String
  }

  /// Returns the content, at most 4 KiB; `nil` when the file does not exist.
  /// - Throws: `Unsafe` when the file is a link or belongs to another user.
  func read() throws(Unsafe) -> [UInt8]? {
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
    return (try? file.read(upTo: 4096)) ?? []
  }

  /// Replaces the content: writes a temporary file and renames it. The file is never readable for other users.
  /// - Throws: `Unsafe` when the file cannot be written.
  func write(_ bytes: [UInt8]) throws(Unsafe) {
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
      throw Unsafe(description: "Cannot write \(temporary): you stay signed in until this program ends.")
    }
    do {
      do {
        try file.writeAll(bytes)
        try file.sync()
      } catch {
        try? file.close()
        throw error
      }
      try file.close()
      try temporary.rename(to: FilePath(path))
    } catch {
      try? temporary.remove()
      throw Unsafe(description: "Cannot write \(path): you stay signed in until this program ends.")
    }
  }

  /// Removes the file.
  func remove() { try? FilePath(path).remove() }
}
