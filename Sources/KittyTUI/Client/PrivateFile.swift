import FoundationEssentials
import Glibc

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
    let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Unsafe(
        description:
          "Cannot read \(path): it is a link, or belongs to another user. Remove it and sign in again.")
    }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0, information.st_uid == geteuid() else {
      throw Unsafe(description: "\(path) belongs to another user. Remove it and sign in again.")
    }
    // Other users may have read it already; from now on only the owner can.
    if information.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
    }
    return Array(bytes.prefix(max(0, count)))
  }

  /// Replaces the content: writes a temporary file and renames it. The file is never readable for other users.
  /// - Throws: `Unsafe` when the file cannot be written.
  func write(_ bytes: [UInt8]) throws(Unsafe) {
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    // If this fails, so does opening the file.
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    unsafe chmod(folder, 0o700)
    let temporary = "\(path).\(getpid())"
    unsafe unlink(temporary)
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Unsafe(description: "Cannot write \(temporary): you stay signed in until this program ends.")
    }
    let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    let synced = fsync(descriptor)
    close(descriptor)
    guard written == bytes.count, synced == 0, unsafe rename(temporary, path) == 0 else {
      unsafe unlink(temporary)
      throw Unsafe(description: "Cannot write \(path): you stay signed in until this program ends.")
    }
  }

  /// Removes the file.
  func remove() { unsafe unlink(path) }
}
