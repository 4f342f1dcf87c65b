import FoundationEssentials
import KittyShared
import POSIX
import Sodium
import SystemPackage

/// Writes an archive from its first member to its last.
///
/// The archive gets its name when it is complete and on the disk; until then it is called `NAME.part`. It never
/// replaces another file.
final class ArchiveWriter {
  private let output: FileDescriptor
  /// Path of the complete archive; `nil` for standard output.
  private let path: String?
  private let time: Int
  /// The lines of `SHA256SUMS`: a hundred bytes for each member.
  private var sums: [UInt8] = []
  private var end = ArchiveEnd()
  /// Number of bytes written so far.
  private(set) var size = 0

  private var partial: String { (path ?? "") + ".part" }

  /// - Parameter path: The file, or `-` for standard output.
  /// - Throws: `ArchiveFailure` when the file exists or cannot be written.
  init(_ path: String, at now: Instant) throws {
    time = Int(now.milliseconds / 1000)
    guard path != "-" else {
      self.path = nil
      output = .standardOutput
      guard !FileDescriptor.standardOutput.isTerminal else {
        throw ArchiveFailure(
          description:
            "Standard output is a terminal. Name a file, or redirect the output to one: backup - > FILE.")
      }
      return
    }
    self.path = path
    try Self.requireUnused(path)
    output = try Self.mappingErrors("cannot write \(path).part") {
      // The part of an interrupted backup is overwritten. Other users can never read the file.
      try FileDescriptor.open(
        FilePath(path + ".part"), .writeOnly, options: [.create, .noFollow], permissions: [.ownerReadWrite])
    }
    guard output.tryLock() else {
      try? output.close()
      throw ArchiveFailure(
        description: "Another backup is writing \(path). Wait for it, or name another file.")
    }
    do {
      try output.setPermissions([.ownerReadWrite])
      try output.resize(to: 0)
    } catch {
      try? output.close()
      throw ArchiveFailure(description: "\(path).part exists and cannot be overwritten. Remove it.")
    }
  }

  private static func requireUnused(_ path: String) throws {
    // A symbolic link counts as a file, also when its target does not exist.
    guard (try? FileManager.default.attributesOfItem(atPath: path)) == nil else {
      throw ArchiveFailure(description: "\(path) already exists. Name another file, or remove it first.")
    }
  }

  /// Appends a member.
  /// - Throws: `ArchiveFailure`, such as for a full disk.
  func add(_ name: String, _ bytes: [UInt8]) throws {
    try write(name, bytes)
    sums += "\(hex(SHA256.hash(bytes)))  \(name)\n".utf8
    end.members += 1
  }

  /// Records the number of rows of a table, for the end of the archive.
  func record(rows count: Int, of table: String) { end.rows.append(.init(table: table, count: count)) }

  /// Records a photo, for the end of the archive; `isMissing` when one of its files was missing or damaged.
  func record(photo hash: String, isMissing: Bool) {
    if isMissing { end.missingPhotos.append(hash) } else { end.photos += 1 }
  }

  /// Records a receipt, for the end of the archive; `isMissing` when one of its files was missing or damaged.
  func record(receipt hash: String, isMissing: Bool) {
    if isMissing {
      end.missingReceipts = (end.missingReceipts ?? []) + [hash]
    } else {
      end.receipts = (end.receipts ?? 0) + 1
    }
  }

  /// Writes the end, waits until the file is on the disk, and gives it its name.
  /// - Returns: The contents of the archive.
  func finish() throws -> ArchiveEnd {
    end.sums = hex(SHA256.hash(sums))
    try write(ArchiveMemberName.sums, sums)
    end.members += 1
    try write(ArchiveMemberName.end, JSON.bytes(of: end) + Array("\n".utf8))
    // A tar archive ends in two blocks of zeros.
    try write([UInt8](repeating: 0, count: 2 * TarHeader.block))
    guard let path else { return end }
    try Self.mappingErrors("cannot write \(partial) to the disk") {
      try output.sync()
      try output.close()
      try Self.requireUnused(path)
      try FilePath(partial).rename(to: FilePath(path))
      try FilePath(path).removingLastComponent().orCurrentFolder.sync()
    }
    return end
  }

  /// Removes the incomplete archive.
  func abandon() {
    guard path != nil else { return }
    try? output.close()
    // An archive that already has its name is complete, and stays.
    try? FilePath(partial).remove()
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    let header = TarHeader(name: name, size: bytes.count, time: time)
    try write(header.bytes)
    try write(bytes)
    try write([UInt8](repeating: 0, count: header.padding))
  }

  private func write(_ bytes: [UInt8]) throws {
    try Self.mappingErrors("cannot write \(path ?? "to standard output")") { _ = try output.writeAll(bytes) }
    size += bytes.count
  }

  private static func mappingErrors<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as Errno {
      throw ArchiveFailure(description: "\(what): \(error)")
    }
  }
}

extension FilePath {
  /// The path, or the current folder when it is empty.
  fileprivate var orCurrentFolder: FilePath { isEmpty ? "." : self }
}
