import KittyShared
import Testing

@testable import KittyServer

/// The ranges of requests for files.
struct ByteRangeTests {
  @Test(
    arguments: [
      (nil, ByteRange.whole), ("bytes=0-0", .part(0...0)), ("bytes=2-", .part(2...9)),
      ("bytes=-3", .part(7...9)), ("bytes=-30", .part(0...9)), ("Bytes=8-99", .part(8...9)),
      ("bytes=0-99999999999999999999", .part(0...9)), ("bytes=10-", .outside),
      ("bytes=99999999999999999999-", .outside), ("bytes=-0", .outside), ("bytes=5-2", .whole),
      ("bytes=1-2,4-5", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=-1-2", .whole),
      ("bytes=+1-2", .whole), ("lines=1-2", .whole), ("", .whole), ("bytes", .whole),
    ] as [(String?, ByteRange)]) func rangeIsRead(header: String?, range: ByteRange)
  {
    #expect(ByteRange(header, of: 10) == range)
  }

  @Test func emptyFileHasNoRange() {
    #expect(ByteRange("bytes=0-", of: 0) == .outside && ByteRange("bytes=-1", of: 0) == .outside)
  }

  /// The check value of the checksum, and lengths around its steps of eight bytes.
  @Test func checksumIsThatOfZipFiles() {
    #expect(CRC32.of(Array("123456789".utf8)) == 0xcbf4_3926)
    #expect(CRC32.of([]) == 0 && CRC32.of([0]) == 0xd202_ef8d)
    #expect(CRC32.of([UInt8](repeating: 0, count: 32)) == 0x190a_55ad)
  }
}
