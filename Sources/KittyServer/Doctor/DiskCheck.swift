import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// The disk of the data folder: room for bytes and for files, and a file that is written, read and removed again.
struct DiskCheck: Check {
  let part = "disk"
  let folder: String

  private static let scarceBytes: UInt64 = 1 << 30
  private static let scarceFiles: UInt64 = 10_000

  func findings() async throws -> [Finding] { try await onThread { try examine() } }

  private func examine() throws -> [Finding] {
    guard FileManager.default.fileExists(atPath: folder) else {
      return [
        .fault(
          "The data folder \(folder) does not exist. Name the right one with --data or DATA_DIR, or start the server, which makes it."
        )
      ]
    }
    var found: [Finding] = []
    let room = try FilePath(folder).room()
    let free =
      "\(room.bytes >> 20) MiB and \(room.files.map { "\($0)" } ?? "any number of") files are free in \(folder)"
    if room.bytes < 16 << 20 || room.files.map({ $0 < 100 }) ?? false {
      found.append(.fault("The disk is full: \(free). Free space: see \"disk full\" in docs/operations.md."))
    } else if room.bytes < Self.scarceBytes || room.files.map({ $0 < Self.scarceFiles }) ?? false {
      found.append(.warning("The disk is nearly full: \(free). Free space, or give it a larger disk."))
    } else {
      found.append(.ok("\(free)."))
    }
    do { try probe() } catch {
      found.append(
        .fault("A file in \(folder) cannot be written: \(error). Give the folder to the user of the server."))
    }
    return found
  }

  /// Writes a file, reads it and removes it.
  /// - Throws: `Errno`.
  private func probe() throws {
    let path = FilePath(folder + "/.doctor-\(ID(at: .now))")
    let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let file = try FileDescriptor.open(
      path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
      permissions: [.ownerReadWrite])
    defer { try? path.remove() }
    try file.closeAfter {
      _ = try file.writeAll(bytes)
      try file.sync()
      _ = try file.seek(offset: 0, from: .start)
      guard try file.read(upTo: bytes.count + 1) == bytes else { throw Errno.ioError }
    }
  }
}
