import POSIX
import SystemPackage

/// The lock of a data folder with SQLite, held for the life of a server. A server caches what it read, and is told of
/// changes only by itself: a second one on the same folder would answer from an old state. Commands beside a server
/// take no lock.
final class DataFolderLock: Sendable {
  private let file: FileDescriptor

  /// Another server holds the lock.
  struct Held: Error, CustomStringConvertible {
    let folder: String
    let process: String

    var description: String {
      """
      Another kittycash-server\(process.isEmpty ? "" : " (process \(process))") serves the data in \(folder). Stop it first, \
      give this one a folder of its own with --data, or use PostgreSQL for several servers.
      """
    }
  }

  /// - Throws: `Held`; `Errno` when the file of the lock cannot be used.
  init(folder: String) throws {
    file = try .open(
      FilePath(folder + "/server.lock"), .readWrite, options: [.create, .noFollow, .closeOnExec],
      permissions: [.ownerReadWrite, .groupReadWrite])
    guard file.tryLock() else {
      let process = try String(decoding: file.read(upTo: 32), as: UTF8.self)
      throw Held(folder: folder, process: process.filter(\.isNumber))
    }
    try file.resize(to: 0)
    try file.writeAll(Array("\(CurrentProcess.id)\n".utf8))
  }

  deinit { try? file.close() }
}
