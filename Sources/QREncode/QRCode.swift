import CQREncode

/// A QR code: a square of dark and light modules, made by libqrencode.
package struct QRCode: Hashable, Sendable {
  /// The number of modules of a side.
  package let size: Int
  private let modules: [Bool]

  /// The part of a code that may be unreadable.
  package enum Correction: Sendable {
    /// 7 %: a screen has no scratches, and the code is smaller.
    case low
    /// 15 %: what the code of a bank transfer must have (EPC069-12).
    case medium
  }

  /// Encodes a text.
  /// - Returns: `nil` for an empty text, and for one that does not fit into a QR code.
  package init?(_ text: String, correction: Correction = .low) {
    let level = correction == .low ? QR_ECLEVEL_L : QR_ECLEVEL_M
    guard !text.isEmpty, !text.utf8.contains(0),
      let code = QRcode_encodeString(text, 0, level, QR_MODE_8, 1)
    else { return nil }
    defer { QRcode_free(code) }
    size = Int(code.pointee.width)
    guard size > 0, let data = code.pointee.data else { return nil }
    // The lowest bit of a byte is the colour of its module.
    modules = UnsafeBufferPointer(start: data, count: size * size).map { $0 & 1 == 1 }
  }

  /// `true` for a dark module. Everything outside of the square is light.
  package func isDark(row: Int, column: Int) -> Bool {
    guard (0..<size).contains(row), (0..<size).contains(column) else { return false }
    return modules[row * size + column]
  }
}
