/// Why a picture is not taken, for the person who sent it.
enum PhotoRejection: Error, Codable, Equatable {
  case notAPicture
  case tooSmall(width: Int, height: Int)
  case tooManyPixels(width: Int, height: Int)
  case damaged

  /// A side has at least so many pixels.
  static let minSide = 16
  /// A picture has at most so many pixels: 40 megapixels, which a decoder can be given.
  static let maxPixels = 40_000_000

  /// - Throws: `PhotoRejection` for a size that is not taken.
  static func check(width: Int, height: Int) throws(PhotoRejection) {
    guard min(width, height) >= minSide else { throw .tooSmall(width: width, height: height) }
    guard width <= maxPixels, height <= maxPixels, width * height <= maxPixels else {
      throw .tooManyPixels(width: width, height: height)
    }
  }

  /// A stable word for programs.
  var code: String {
    switch self {
    case .notAPicture: "not_a_picture"
    case .tooSmall: "too_small"
    case .tooManyPixels: "too_many_pixels"
    case .damaged: "damaged"
    }
  }

  /// A sentence that says what to do.
  var message: String {
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
