import POSIX
import SystemPackage

/// Standard input in a file, for a body that is sent more than once and may be larger than the memory.
enum SpooledInput {
  private static let pieceLength = 1 << 16

  /// Writes what was read of an input, and the rest of it, into a file without a name.
  /// - Parameter folder: The folder for temporary files.
  /// - Returns: The path of the file, which is there until this process ends.
  static func path(
    after start: [UInt8], rest: FileDescriptor, in folder: FilePath
  ) throws(CommandFailure) -> String {
    do {
      let file = try folder.temporaryFile()
      try file.writeAll(start)
      while case let piece = try rest.read(upTo: pieceLength), !piece.isEmpty { try file.writeAll(piece) }
      return "/proc/self/fd/\(file.rawValue)"
    } catch {
      throw CommandFailure(
        .failed,
        "Standard input cannot be kept in \(folder): \(error). Name the file, or another folder with TMPDIR.")
    }
  }
}
