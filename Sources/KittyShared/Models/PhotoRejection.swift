/// The reason why a picture is rejected.
package enum PhotoRejection: Error, Codable, Equatable, Sendable {
  /// Its format is not JPEG, PNG or WebP.
  case notAPicture
  /// A side has fewer pixels than `minSide`.
  case tooSmall(width: Int, height: Int)
  /// It has more pixels than `maxPixels`.
  case tooManyPixels(width: Int, height: Int)
  /// It cannot be decoded.
  case damaged

  /// Least number of pixels of a side.
  package static let minSide = 16
  /// Largest number of pixels of a picture: 40 megapixels. A decoder's memory grows with them.
  package static let maxPixels = 40_000_000

  /// Checks the size of a picture.
  /// - Throws: `tooSmall` or `tooManyPixels`.
  package static func check(width: Int, height: Int) throws(PhotoRejection) {
    guard min(width, height) >= minSide else { throw .tooSmall(width: width, height: height) }
    guard width <= maxPixels, height <= maxPixels, width * height <= maxPixels else {
      throw .tooManyPixels(width: width, height: height)
    }
  }

  /// Stable word for programs.
  package var code: String {
    switch self {
    case .notAPicture: "not_a_picture"
    case .tooSmall: "too_small"
    case .tooManyPixels: "too_many_pixels"
    case .damaged: "damaged"
    }
  }

  /// Message for the user: the problem, and what to do.
  package var message: String {
    switch self {
    case .notAPicture: "This is not a JPEG, PNG or WebP picture, whatever its name says. Send one of those."
    case .tooSmall(let width, let height):
      "The picture has \(width)×\(height) pixels. Send one with at least \(Self.minSide) pixels a side."
    case .tooManyPixels(let width, let height):
      "The picture has \(width)×\(height) pixels. Send one with at most \(Self.maxPixels / 1_000_000) megapixels."
    case .damaged: "The picture is damaged or cut off. Open and save it again, or send another."
    }
  }
}
