/// The reason why a picture is rejected.
package enum PhotoRejection: Error, Codable, Equatable, Sendable {
  /// Its format is not accepted, or cannot be read by this server. The format is `nil` when it is not known.
  case notAPicture(found: PictureFormat? = nil)
  /// A side has fewer pixels than `PhotoLimits.minSide`.
  case tooSmall(width: Int, height: Int)
  /// It has more pixels than a picture of its kind may have.
  case tooManyPixels(width: Int, height: Int, limit: Int? = nil)
  /// It cannot be decoded.
  case damaged

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
    case .notAPicture(let found): Self.unreadable(found)
    case .tooSmall(let width, let height):
      "The picture has \(width)×\(height) pixels. Send one with at least \(PhotoLimits.minSide) pixels a side."
    case .tooManyPixels(let width, let height, let limit):
      """
      The picture has \(width)×\(height) pixels. Send one with at most \((limit ?? PhotoLimits.maxPixelsInMemory) / 1_000_000) megapixels: \
      make it smaller, or save it as an ordinary (not progressive) JPEG.
      """
    case .damaged: "The picture is damaged or cut off. Open and save it again, or send another."
    }
  }

  private static func unreadable(_ found: PictureFormat?) -> String {
    switch found {
    case .heic?, .avif?:
      """
      This \(found == .heic ? "HEIC" : "AVIF") picture cannot be read. Save it as JPEG and send that. An iPhone makes \
      JPEG after Settings, Camera, Formats, Most Compatible.
      """
    case let found?:
      "This is \(found.article) \(found.rawValue) file. Send a picture as \(PictureFormat.acceptedNames)."
    case nil:
      "This is not a \(PictureFormat.acceptedNames) picture, whatever its name says. Send one of those."
    }
  }
}

extension PictureFormat {
  fileprivate var article: String { self == .svg ? "an" : "a" }
}
