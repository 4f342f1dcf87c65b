/// What the converter of photos says to the server, as one line of JSON: a size, or why the picture is not
/// taken.
package struct ConverterReply: Codable, Equatable, Sendable {
  /// Pixels of the large variant; 0 when the picture is not taken.
  package let width: Int
  /// Pixels of the large variant; 0 when the picture is not taken.
  package let height: Int
  /// Why the picture is not taken.
  package let rejection: PhotoRejection?

  /// A picture that was taken.
  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
    rejection = nil
  }

  /// A picture that was not.
  package init(rejection: PhotoRejection) {
    width = 0
    height = 0
    self.rejection = rejection
  }
}

/// Why a picture is not taken, for the person who sent it.
package enum PhotoRejection: Error, Codable, Equatable, Sendable {
  /// None of the formats that are taken.
  case notAPicture
  /// Fewer pixels than `minSide`.
  case tooSmall(width: Int, height: Int)
  /// More pixels than `maxPixels`.
  case tooManyPixels(width: Int, height: Int)
  /// It cannot be decoded.
  case damaged

  /// A side has at least so many pixels.
  package static let minSide = 16
  /// A picture has at most so many pixels: 40 megapixels, which a decoder can be given.
  package static let maxPixels = 40_000_000

  /// - Throws: `PhotoRejection` for a size that is not taken.
  package static func check(width: Int, height: Int) throws(PhotoRejection) {
    guard min(width, height) >= minSide else { throw .tooSmall(width: width, height: height) }
    guard width <= maxPixels, height <= maxPixels, width * height <= maxPixels else {
      throw .tooManyPixels(width: width, height: height)
    }
  }

  /// A stable word for programs.
  package var code: String {
    switch self {
    case .notAPicture: "not_a_picture"
    case .tooSmall: "too_small"
    case .tooManyPixels: "too_many_pixels"
    case .damaged: "damaged"
    }
  }

  /// A sentence that says what to do.
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
