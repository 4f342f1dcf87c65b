/// The limits of the picture of a photo or a receipt. The limit of its bytes is a setting of the server.
package enum PhotoLimits {
  /// Least number of pixels of a side.
  package static let minSide = 16
  /// Maximum number of pixels of a picture whose decoder holds all of them in memory: phones make 108 megapixels.
  package static let maxPixelsInMemory = 110_000_000
  /// Maximum number of pixels of an interlaced PNG, which can have eight bytes each.
  package static let maxPixelsOfInterlacedPNG = 50_000_000

  /// Returns the maximum number of pixels. The decoder of JPEG shrinks while it reads, and that of PNG reads line by
  /// line; the others, and those of interlaced pictures, hold all pixels in memory.
  /// - Parameter isInterlaced: `true` for a progressive JPEG and an interlaced PNG.
  package static func maxPixels(of format: PictureFormat, isInterlaced: Bool) -> Int {
    switch format {
    case .jpeg where !isInterlaced: 250_000_000
    case .png where isInterlaced: maxPixelsOfInterlacedPNG
    default: maxPixelsInMemory
    }
  }

  /// Checks the size of a picture.
  /// - Throws: `PhotoRejection.tooSmall` or `tooManyPixels`.
  package static func check(
    width: Int, height: Int, of format: PictureFormat, isInterlaced: Bool
  ) throws(PhotoRejection) {
    guard min(width, height) >= minSide else { throw .tooSmall(width: width, height: height) }
    let limit = maxPixels(of: format, isInterlaced: isInterlaced)
    guard width <= limit, height <= limit, width * height <= limit else {
      throw .tooManyPixels(width: width, height: height, limit: limit)
    }
  }
}
