/// The format of a file, detected by its first bytes: the accepted formats of photos and receipts, and others that people
/// send.
package enum PictureFormat: String, Codable, Sendable, CaseIterable {
  case jpeg = "JPEG"
  case png = "PNG"
  case webp = "WebP"
  case heic = "HEIC"
  case avif = "AVIF"
  case gif = "GIF"
  case tiff = "TIFF"
  case bmp = "BMP"
  case svg = "SVG"
  case pdf = "PDF"
  case jpegXL = "JPEG XL"

  /// The formats that a photo may have, for a sentence.
  package static let acceptedNames = "JPEG, PNG, WebP, GIF, HEIC or AVIF"
  /// The formats that a receipt may have, for a sentence.
  package static let receiptNames = "PDF, JPEG, PNG, WebP, GIF, HEIC or AVIF"

  /// The number of bytes that `detect` needs at the beginning of a file.
  package static let headLength = 1024

  package var isAccepted: Bool {
    switch self {
    case .jpeg, .png, .webp, .gif, .heic, .avif: true
    case .tiff, .bmp, .svg, .pdf, .jpegXL: false
    }
  }

  /// `true` when a build of libvips can be without its decoder.
  package var needsOptionalDecoder: Bool { self == .heic || self == .avif }

  /// Returns the format of a file by its first bytes; `nil` for any other format.
  package static func detect(_ head: some Collection<UInt8>) -> PictureFormat? {
    let head = Array(head.prefix(headLength))
    func has(_ text: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }
    if head.starts(with: [0xff, 0xd8, 0xff]) { return .jpeg }
    if head.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return .png }
    if has("RIFF"), has("WEBP", at: 8) { return .webp }
    if has("ftyp", at: 4) { return heif(head) }
    if has("GIF8") { return .gif }
    if head.starts(with: [0x49, 0x49, 0x2a, 0]) || head.starts(with: [0x4d, 0x4d, 0, 0x2a]) { return .tiff }
    if has("BM") { return .bmp }
    if head.starts(with: [0xff, 0x0a]) || has("JXL ", at: 4) { return .jpegXL }
    if isSVG(head) { return .svg }
    // Readers of PDF accept other bytes before its header, such as a byte order mark.
    let mark = Array("%PDF-".utf8)
    return head.indices.contains { head[$0...].starts(with: mark) } ? .pdf : nil
  }

  /// Reads the brands of an ISO base media file (ISO/IEC 14496-12, 4.3): the major one at 8, the compatible ones from
  /// 16 to the end of the box.
  private static func heif(_ head: [UInt8]) -> PictureFormat? {
    let end = min(head.count, head.prefix(4).reduce(0) { $0 << 8 | Int($1) })
    let brands = [8] + Array(stride(from: 16, through: max(16, end - 4), by: 4))
    var found: PictureFormat?
    for brand in brands where brand + 4 <= head.count {
      switch String(decoding: head[brand..<brand + 4], as: UTF8.self) {
      case "avif", "avis": return .avif
      case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": found = found ?? .heic
      default: break
      }
    }
    return found
  }

  private static func isSVG(_ head: [UInt8]) -> Bool {
    let text = String(decoding: head, as: UTF8.self).lowercased().trimmed
    return text.hasPrefix("<svg") || (text.hasPrefix("<?xml") && text.contains("<svg"))
  }
}
