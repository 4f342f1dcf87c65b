import FoundationEssentials
import Glibc
import KittyShared
import Sodium
import SystemPackage

/// Writes an archive from its first member to its last. It becomes the file that was asked for when it is
/// complete and on the disk, and never replaces one.
final class ArchiveWriter {
  private let output: FileDescriptor
  /// The file that it becomes; `nil` for standard output.
  private let path: String?
  private let time: Int
  /// The lines of `SHA256SUMS`: a hundred bytes for each member.
  private var sums: [UInt8] = []
  private var end = ArchiveEnd()
  /// How many bytes were written.
  private(set) var size = 0

  private var partial: String { (path ?? "") + ".part" }

  /// - Parameter path: The file, or `-` for standard output.
  /// - Throws: `ArchiveFailure` when it cannot be written, or is there.
  init(_ path: String, at now: Instant) throws {
    time = Int(now.milliseconds / 1000)
    guard path != "-" else {
      self.path = nil
      output = .standardOutput
      guard isatty(STDOUT_FILENO) == 0 else {
        throw ArchiveFailure(
          description: "Standard output is a terminal. Name a file, or send it into one: backup - > FILE.")
      }
      return
    }
    self.path = path
    try Self.requireFree(path)
    output = try Self.saying("cannot write \(path).part") {
      // What an interrupted backup left is written over; no other user can read the file at any time.
      try FileDescriptor.open(
        FilePath(path + ".part"), .writeOnly, options: [.create, .noFollow], permissions: [.ownerReadWrite])
    }
    guard flock(output.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      try? output.close()
      throw ArchiveFailure(
        description: "Another backup is writing \(path). Wait for it, or name another file.")
    }
    guard fchmod(output.rawValue, 0o600) == 0, ftruncate(output.rawValue, 0) == 0 else {
      try? output.close()
      throw ArchiveFailure(description: "\(path).part is there and cannot be written over. Remove it.")
    }
  }

  private static func requireFree(_ path: String) throws {
    var information = stat()
    guard unsafe lstat(path, &information) != 0 else {
      throw ArchiveFailure(description: "\(path) is there already. Name another file, or remove it first.")
    }
  }

  /// Adds a file.
  /// - Throws: `ArchiveFailure`, such as for a full disk.
  func add(_ name: String, _ bytes: [UInt8]) throws {
    try write(name, bytes)
    sums += "\(hex(SHA256.hash(bytes)))  \(name)\n".utf8
    end.members += 1
  }

  /// Notes what is in the archive, for its end.
  func note(rows count: Int, of table: String) { end.rows.append(.init(table: table, count: count)) }

  /// Notes a photo; `isMissing` when any of its files could not be found.
  func note(photo hash: String, isMissing: Bool) {
    if isMissing { end.missingPhotos.append(hash) } else { end.photos += 1 }
  }

  /// Writes the end, and gives the file its name once it is on the disk.
  /// - Returns: What is in the archive.
  func finish() throws -> ArchiveEnd {
    end.sums = hex(SHA256.hash(sums))
    try write(ArchiveName.sums, sums)
    end.members += 1
    try write(ArchiveName.end, JSON.bytes(of: end) + Array("\n".utf8))
    // Two blocks of zeros are the end of a tar archive.
    try write([UInt8](repeating: 0, count: 2 * TarHeader.block))
    guard let path else { return end }
    try Self.saying("cannot write \(partial) to the disk") {
      guard fsync(output.rawValue) == 0 else { throw Errno(rawValue: errno) }
      try output.close()
      try Self.requireFree(path)
      guard unsafe rename(partial, path) == 0 else { throw Errno(rawValue: errno) }
      let folder = try FileDescriptor.open(FilePath(path).removingLastComponent().orHere, .readOnly)
      defer { try? folder.close() }
      guard fsync(folder.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
    return end
  }

  /// Removes what was written.
  func abandon() {
    guard path != nil else { return }
    try? output.close()
    // It may have its name already; then it is whole.
    _ = unsafe unlink(partial)
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    let header = TarHeader(name: name, size: bytes.count, time: time)
    try write(header.bytes)
    try write(bytes)
    try write([UInt8](repeating: 0, count: header.padding))
  }

  private func write(_ bytes: [UInt8]) throws {
    try Self.saying("cannot write \(path ?? "to standard output")") { _ = try output.writeAll(bytes) }
    size += bytes.count
  }

  private static func saying<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as Errno {
      throw ArchiveFailure(description: "\(what): \(error)")
    }
  }
}

extension FilePath {
  /// The path, or the present folder where it is empty.
  fileprivate var orHere: FilePath { isEmpty ? "." : self }
}
