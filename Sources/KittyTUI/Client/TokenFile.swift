import FoundationEssentials
import Glibc
import KittyShared

/// The session that is kept between runs: a file that only its owner can read, one for each server. It
/// holds a token that can be ended, never a password.
struct TokenFile: Sendable {
  let path: String

  /// What the file holds.
  struct Content: Codable, Equatable {
    var server: String
    var name: String
    var token: String
  }

  /// The file of a server, in `$XDG_STATE_HOME/kittycash` or `~/.local/state/kittycash`.
  init(server: ServerAddress, environment: [String: String]) {
    let home = environment["HOME"] ?? "/"
    let state =
      environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.local/state"
    let name = String(server.url.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" ? $0 : "_" })
    path = "\(state)/kittycash/\(name).session"
  }

  /// The file cannot be used as it is.
  struct Unsafe: Error, CustomStringConvertible {
    let description: String
  }

  /// The stored session; `nil` when there is none.
  /// - Throws: `Unsafe` when the file is a link or somebody else's.
  func read() throws -> Content? {
    let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Unsafe(
        description: "Cannot read \(path): it is a link, or not yours. Remove it and sign in again.")
    }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0, information.st_uid == geteuid() else {
      throw Unsafe(description: "\(path) belongs to somebody else. Remove it and sign in again.")
    }
    // Who could read it until now has the token; from now on only the owner can.
    if information.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
    }
    // A file that was cut off is as good as none: one signs in again.
    return try? JSON.decode(Content.self, from: Data(bytes.prefix(max(0, count))))
  }

  /// Stores a session: the file is written beside and moved in place, and is never readable for others.
  /// - Throws: `Unsafe` when it cannot be written.
  func write(_ content: Content) throws {
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    unsafe chmod(folder, 0o700)
    let temporary = "\(path).\(getpid())"
    unsafe unlink(temporary)
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Unsafe(description: "Cannot write \(temporary): you stay signed in only now.")
    }
    let bytes = try JSON.bytes(of: content)
    let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    let synced = fsync(descriptor)
    close(descriptor)
    guard written == bytes.count, synced == 0, unsafe rename(temporary, path) == 0 else {
      unsafe unlink(temporary)
      throw Unsafe(description: "Cannot write \(path): you stay signed in only now.")
    }
  }

  /// Forgets the session.
  func remove() { unsafe unlink(path) }
}
