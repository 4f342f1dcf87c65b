import KittyShared
import POSIX
import SystemPackage

/// The outer structure of a PDF (ISO 32000-1, 7.5): its header, and at its end the place of the cross-reference. The objects
/// are not read: a PDF is never shown by KittyCash, only given back. Like readers of PDF, it accepts other bytes before the
/// header and after the end.
enum PDFStructure {
  /// The number of bytes at the end in which the last lines are looked for, without blank ones: some kilobytes of other text
  /// may follow them.
  private static let tailLength = 8192
  /// The number of bytes that are read at once while blank ones are skipped.
  private static let blockLength = 64 * 1024

  /// Returns `true` for a file with the header and the end of a PDF, which is not cut off.
  static func isWhole(_ path: String) throws -> Bool {
    let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    return try file.closeAfter {
      let head = try file.read(upTo: PictureFormat.headLength)
      guard let start = head.firstRange(of: Array("%PDF-".utf8))?.lowerBound else { return false }
      let end = try contentEnd(of: file)
      _ = try file.seek(offset: Int64(max(0, end - tailLength)), from: .start)
      let tail = try file.read(upTo: min(end, tailLength))
      guard let mark = tail.lastRange(of: Array("%%EOF".utf8)),
        // After the end of an earlier state of the file, new objects begin: such a file is cut off.
        !hasObject(tail[mark.upperBound...])
      else { return false }
      guard let keyword = tail[..<mark.lowerBound].lastRange(of: Array("startxref".utf8)) else { return true }
      guard let place = place(tail[keyword.upperBound..<mark.lowerBound]) else { return false }
      // The place is counted from the header, or from the beginning of the file.
      for place in [place, place + start] where place < end {
        _ = try file.seek(offset: Int64(place), from: .start)
        if isCrossReference(try file.read(upTo: 64)) { return true }
      }
      return false
    }
  }

  /// Returns `true` when an object begins in some bytes, as in `12 0 obj<<`. Words such as "object" may follow the end.
  private static func hasObject(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.indices.contains { index in
      guard bytes[index...].starts(with: " obj".utf8), index > bytes.startIndex else { return false }
      let isNumbered = (0x30...0x39).contains(bytes[index - 1])
      let next = bytes[index...].dropFirst(4).first
      return isNumbered && next.map { !(0x61...0x7A).contains($0) } ?? true
    }
  }

  /// Returns the place after the last byte that is neither zero nor white space.
  private static func contentEnd(of file: FileDescriptor) throws -> Int {
    var end = Int(try file.seek(offset: 0, from: .end))
    while end > 0 {
      let start = max(0, end - blockLength)
      _ = try file.seek(offset: Int64(start), from: .start)
      let block = try file.read(upTo: end - start)
      guard !block.isEmpty else { return start }
      if let last = block.lastIndex(where: { !isBlank($0) }) { return start + last + 1 }
      end = start
    }
    return 0
  }

  /// Reads the number between `startxref` and `%%EOF`.
  private static func place(_ bytes: ArraySlice<UInt8>) -> Int? {
    let words = bytes.split { isBlank($0) }
    guard let word = words.first, word.count <= 12 else { return nil }
    return Int(String(decoding: word, as: UTF8.self)).flatMap { $0 > 0 ? $0 : nil }
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

extension RandomAccessCollection<UInt8> where Index == Int {
  /// Returns the first place of some bytes.
  fileprivate func firstRange(of bytes: [UInt8]) -> Range<Int>? {
    indices.first { self[$0...].starts(with: bytes) }.map { $0..<$0 + bytes.count }
  }

  /// Returns the last place of some bytes.
  fileprivate func lastRange(of bytes: [UInt8]) -> Range<Int>? {
    indices.last { self[$0...].starts(with: bytes) }.map { $0..<$0 + bytes.count }
  }
}
