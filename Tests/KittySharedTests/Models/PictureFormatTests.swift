import KittyShared
import Testing

struct PictureFormatTests {
  private static func box(_ brands: String...) -> [UInt8] {
    let body =
      Array("ftyp".utf8) + Array(brands[0].utf8) + [0, 0, 0, 0]
      + brands.dropFirst().flatMap { Array($0.utf8) }
    return [0, 0, 0, UInt8(body.count + 4)] + body + Array("avif".utf8)
  }

  static let files: [(head: [UInt8], format: PictureFormat?)] = [
    ([0xff, 0xd8, 0xff, 0xe0], .jpeg),
    ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], .png),
    (Array("RIFF....WEBPVP8 ".utf8), .webp),
    (Array("RIFF....WAVE".utf8), nil),
    (box("heic", "mif1"), .heic),
    (box("mif1", "heic"), .heic),
    (box("mif1", "miaf", "avif"), .avif),
    (box("avif"), .avif),
    // A film; the word behind the end of the box does not count.
    (box("isom", "mp42"), nil),
    (Array("GIF89a".utf8), .gif),
    ([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0], .tiff),
    ([0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8], .tiff),
    (Array("BM123456".utf8), .bmp),
    (Array("%PDF-1.4".utf8), .pdf),
    ([0xff, 0x0a, 1], .jpegXL),
    (Array("  <svg xmlns='x'>".utf8), .svg),
    (Array("<?xml version='1.0'?>\n<!-- x -->\n<svg>".utf8), .svg),
    (Array("<?xml version='1.0'?><html>".utf8), nil),
    (Array("plain text".utf8), nil),
    ([], nil), ([0xff], nil), (Array("\0\0\0\u{1}ftyp".utf8), nil),
  ]

  @Test(arguments: files) func formatIsDetectedByContent(head: [UInt8], format: PictureFormat?) {
    #expect(PictureFormat.detect(head) == format)
  }

  @Test func picturesOfPhonesAreWithinTheLimits() throws {
    // 48, 50, 108 and 200 megapixels are what phones make as JPEG, 48 and 108 as HEIC.
    for (width, height) in [(8064, 6048), (8192, 6144), (12_000, 9000), (16_320, 12_240)] {
      try PhotoLimits.check(width: width, height: height, of: .jpeg, isInterlaced: false)
    }
    for format in [PictureFormat.heic, .avif, .webp, .gif] {
      try PhotoLimits.check(width: 12_000, height: 9000, of: format, isInterlaced: false)
    }
    try PhotoLimits.check(width: 12_000, height: 9000, of: .jpeg, isInterlaced: true)
    #expect(throws: PhotoRejection.tooManyPixels(width: 12_000, height: 9200, limit: 110_000_000)) {
      try PhotoLimits.check(width: 12_000, height: 9200, of: .heic, isInterlaced: false)
    }
    #expect(throws: PhotoRejection.tooManyPixels(width: 12_000, height: 9000, limit: 50_000_000)) {
      try PhotoLimits.check(width: 12_000, height: 9000, of: .png, isInterlaced: true)
    }
    #expect(throws: PhotoRejection.tooManyPixels(width: .max, height: .max, limit: 250_000_000)) {
      try PhotoLimits.check(width: .max, height: .max, of: .jpeg, isInterlaced: false)
    }
    #expect(throws: PhotoRejection.tooSmall(width: 15, height: 100)) {
      try PhotoLimits.check(width: 15, height: 100, of: .png, isInterlaced: false)
    }
  }
}
