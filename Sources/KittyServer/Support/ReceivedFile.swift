import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// A file that is read in parts. It is closed when nothing refers to it.
final class ReceivedFile: ByteSource {
  private let descriptor: FileDescriptor
  let count: Int

  /// Opens a file, which must not change meanwhile.
  /// - Throws: The error of the system.
  init(_ path: String) throws {
    descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
    do { count = Int(try descriptor.seek(offset: 0, from: .end)) } catch {
      try? descriptor.close()
      throw error
    }
  }

  // A file that was only read loses nothing when closing it fails.
  deinit { try? descriptor.close() }

  func bytes(in range: Range<Int>) throws -> Data {
    Data(try descriptor.read(upTo: range.count, at: range.lowerBound))
  }
}
