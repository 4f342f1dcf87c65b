import POSIX
import SystemPackage

/// The outer structure of an ISO base media file (ISO/IEC 14496-12, 4.2), as HEIC and AVIF are: boxes one after the other.
enum MediaBoxes {
  /// The most boxes that are looked at. A picture has a handful.
  private static let most = 1000

  /// Returns `true` when each box ends within the file, so that it is not cut off.
  static func areWhole(_ path: String) throws -> Bool {
    let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    return try file.closeAfter {
      let size = UInt64(try file.seek(offset: 0, from: .end))
      var place: UInt64 = 0
      for _ in 0..<most where place < size {
        _ = try file.seek(offset: Int64(place), from: .start)
        let head = try file.read(upTo: 16)
        guard head.count >= 8, let length = length(head, rest: size - place), length <= size - place else {
          return false
        }
        place += length
      }
      return place == size
    }
  }

  /// Reads the length of a box; `nil` where it is not one. A box of length 0 reaches to the end, and one of length 1 has a
  /// longer number.
  private static func length(_ head: [UInt8], rest: UInt64) -> UInt64? {
    func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    switch number(head[..<4]) {
    case 0: return rest
    case 1: return head.count < 16 ? nil : number(head[8..<16]) >= 16 ? number(head[8..<16]) : nil
    case let short: return short >= 8 ? short : nil
    }
  }
}
