import Foundation

/// The write-ahead log of a SQLite database. https://www.sqlite.org/fileformat2.html#walformat describes its format: a
/// header of 32 bytes, then frames, each with a header of 24 bytes and one page.
struct WriteAheadLog {
  private let bytes: [UInt8]
  private static let headerSize = 32
  private static let frameHeaderSize = 24

  /// Reads the log of a database.
  /// - Parameter database: The path of the database, without `-wal`.
  init(of database: String) throws {
    bytes = [UInt8](try Data(contentsOf: URL(filePath: database + "-wal")))
  }

  /// The size of a page: bytes 8 to 11 of the header, big-endian.
  private var pageSize: Int { bytes[8..<12].reduce(0) { $0 << 8 | Int($1) } }

  /// The salts of the header. Frames with other salts are left from before the last checkpoint.
  private var salts: ArraySlice<UInt8> { bytes[16..<24] }

  /// The number of commits: the frames of this log whose header has a database size, which only the last frame of a
  /// transaction has.
  var commits: Int {
    let frames = stride(
      from: Self.headerSize, to: bytes.count - Self.frameHeaderSize, by: Self.frameHeaderSize + pageSize)
    return frames.count { frame in
      let databaseSize = bytes[(frame + 4)..<(frame + 8)]
      return bytes[(frame + 8)..<(frame + 16)] == salts && databaseSize.contains { $0 != 0 }
    }
  }
}
