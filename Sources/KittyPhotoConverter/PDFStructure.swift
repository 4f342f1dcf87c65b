import POSIX
import SystemPackage

/// The outer structure of a PDF (ISO 32000-1, 7.5): its header, and at its end the place of the cross-reference. The objects
/// are not read: a PDF is never shown by KittyCash, only given back.
enum PDFStructure {
  /// The number of bytes at the end in which the last lines are looked for.
  private static let tailLength = 2048

  /// Returns `true` for a file with the header and the end of a PDF, which is not cut off.
  static func isWhole(_ path: String) throws -> Bool {
    let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    return try file.closeAfter {
      let size = Int(try file.seek(offset: 0, from: .end))
      _ = try file.seek(offset: 0, from: .start)
      guard hasVersion(try file.read(upTo: 8)) else { return false }
      _ = try file.seek(offset: Int64(max(0, size - tailLength)), from: .start)
      guard let place = crossReference(in: try file.read(upTo: tailLength)), place < size else {
        return false
      }
      _ = try file.seek(offset: Int64(place), from: .start)
      return isCrossReference(try file.read(upTo: 64))
    }
  }

  /// The header is `%PDF-1.4` and such.
  private static func hasVersion(_ head: [UInt8]) -> Bool {
    head.count == 8 && head.starts(with: "%PDF-".utf8) && isDigit(head[5]) && head[6] == UInt8(ascii: ".")
      && isDigit(head[7])
  }

  /// Reads the last `startxref`, its number and `%%EOF`.
  private static func crossReference(in tail: [UInt8]) -> Int? {
    let keyword = Array("startxref".utf8)
    guard let start = tail.lastRange(of: keyword) else { return nil }
    let words = tail[start.upperBound...].split { isBlank($0) }
    guard words.count >= 2, words[1].starts(with: "%%EOF".utf8), words[0].count <= 12 else { return nil }
    return Int(String(decoding: words[0], as: UTF8.self)).flatMap { $0 > 0 ? $0 : nil }
  }

  /// A table begins with `xref`, a stream with `12 0 obj`.
  private static func isCrossReference(_ bytes: [UInt8]) -> Bool {
    let words = bytes.split(maxSplits: 3, omittingEmptySubsequences: true) { isBlank($0) }
    guard let first = words.first else { return false }
    if first.starts(with: "xref".utf8) { return true }
    return words.count > 2 && first.allSatisfy(isDigit) && words[1].allSatisfy(isDigit)
      && words[2].starts(with: "obj".utf8)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isBlank(_ byte: UInt8) -> Bool { [0, 9, 10, 12, 13, 32].contains(byte) }
}

extension [UInt8] {
  /// Returns the last place of some bytes.
  fileprivate func lastRange(of bytes: [UInt8]) -> Range<Int>? {
    guard count >= bytes.count else { return nil }
    for start in stride(from: count - bytes.count, through: 0, by: -1)
    where self[start..<start + bytes.count].elementsEqual(bytes) {
      return start..<start + bytes.count
    }
    return nil
  }
}
