import KittyShared
import Sodium

/// A zip file of stored files (APPNOTE 6.3.10), which is written file by file. The same files give the same bytes: the times are
/// those of the days, and nothing is compressed, since pictures and PDFs are compressed already.
struct ZipArchive: Sendable {
  let files: [File]

  struct File: Sendable {
    let name: String
    let date: Day
    let size: Int
    /// The hash of the bytes.
    let hash: String
  }

  /// The limits of the form without extensions.
  static let maxFiles = 0xffff - 1
  static let maxSize = 0xffff_ffff - 1

  init(_ files: [File]) { self.files = files }

  /// The number of bytes.
  var size: Int {
    files.reduce(22) { $0 + 30 + 46 + 2 * $1.name.utf8.count + $1.size }
  }

  /// A hash of the content: equal archives have equal ones.
  var tag: String {
    var hash = SHA256()
    for file in files { hash.update(Array("\(file.hash) \(file.name)\n".utf8)) }
    return hex(hash.finish())
  }

  /// Makes the parts of the archive between the bytes of the files, in their order.
  struct Writer {
    private var directory: [UInt8] = []
    private var offset = 0
    private var count = 0

    init(_ archive: ZipArchive) { directory.reserveCapacity(archive.files.count * 100) }

    /// Returns the header that stands before the bytes of a file.
    mutating func header(of file: File, _ content: [UInt8]) -> [UInt8] {
      let name = Array(file.name.utf8)
      let parts = file.date.parts
      let (year, month, day) = (Int(parts.year), Int(parts.month), Int(parts.day))
      // The years of the format begin with 1980.
      let date = year < 1980 ? 1 << 5 | 1 : min(year - 1980, 127) << 9 | month << 5 | day
      let sum = Int(CRC32.of(content))
      // Version 2.0; the name is UTF-8; stored; no time.
      let common = Self.bytes([
        (20, 2), (1 << 11, 2), (0, 2), (0, 2), (date, 2), (sum, 4), (content.count, 4), (content.count, 4),
        (name.count, 2), (0, 2),
      ])
      // Made on Unix; a file that its owner writes and others read.
      directory += Self.bytes([(0x0201_4b50, 4), (3 << 8 | 20, 2)])
      directory += common
      directory += Self.bytes([(0, 2), (0, 2), (0, 2), (0o100644 << 16, 4), (offset, 4)])
      directory += name
      let header = Self.bytes([(0x0403_4b50, 4)]) + common + name
      offset += header.count + content.count
      count += 1
      return header
    }

    /// Returns the directory of the files, which ends the archive.
    func end() -> [UInt8] {
      directory
        + Self.bytes([
          (0x0605_4b50, 4), (0, 4), (count, 2), (count, 2), (directory.count, 4), (offset, 4), (0, 2),
        ])
    }

    /// Returns the bytes of numbers, the lowest of each first.
    private static func bytes(_ numbers: [(number: Int, count: Int)]) -> [UInt8] {
      numbers.flatMap { number, count in (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }
  }
}
