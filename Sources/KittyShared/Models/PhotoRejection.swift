/// The reason why a picture, or a receipt, is rejected.
package enum PhotoRejection: Error, Codable, Equatable, Sendable {
  /// Its format is not accepted, or cannot be read by this server. The format is `nil` when it is not known.
  case notAPicture(found: PictureFormat? = nil)
  /// A side has fewer pixels than `PhotoLimits.minSide`.
  case tooSmall(width: Int, height: Int)
  /// It has more pixels than a picture of its kind may have.
  case tooManyPixels(width: Int, height: Int, limit: Int? = nil)
  /// It cannot be decoded.
  case damaged
  /// It has no bytes.
  case empty

  /// The purpose of the file, on which the accepted formats depend.
  package enum Use: Sendable {
    case photo, receipt

    /// The formats that are accepted, for a sentence.
    package var formats: String { self == .photo ? PictureFormat.acceptedNames : PictureFormat.receiptNames }
  }

  /// Stable word for programs.
  package var code: String {
    switch self {
    case .notAPicture, .empty: "not_a_picture"
    case .tooSmall: "too_small"
    case .tooManyPixels: "too_many_pixels"
    case .damaged: "damaged"
    }
  }

  /// Message for the user: the problem, and what to do.
  package func message(for use: Use) -> String {
    switch self {
    case .notAPicture(let found): Self.unreadable(found, use)
    case .tooSmall(let width, let height):
      "The picture has \(width)×\(height) pixels. Send one with at least \(PhotoLimits.minSide) pixels a side."
    case .tooManyPixels(let width, let height, let limit):
      """
      The picture has \(width)×\(height) pixels. Send one with at most \((limit ?? PhotoLimits.maxPixelsInMemory) / 1_000_000) megapixels: \
      make it smaller, or save it as an ordinary (not progressive) JPEG.
      """
    case .damaged:
      "The file is damaged or cut off. Open and save it again, or send another one: as \(use.formats)."
    case .empty: "The file is empty. Send \(use == .photo ? "a picture" : "a receipt") as \(use.formats)."
    }
  }

  private static func unreadable(_ found: PictureFormat?, _ use: Use) -> String {
    switch found {
    case .heic?:
      "This HEIC picture is of a kind that cannot be read. Save it as JPEG and send that. An iPhone makes JPEG after Settings, Camera, Formats, Most Compatible."
    case .avif?: "This AVIF picture is of a kind that cannot be read. Save it as JPEG and send that."
    case let found?:
      "This is \(found.article) \(found.rawValue) file. Send \(use == .photo ? "a picture" : "a receipt") as \(use.formats)."
    case nil:
      "This is not a \(use.formats) \(use == .photo ? "picture" : "file"), whatever its name says. Send one of those."
    }
  }
}

extension PictureFormat {
  fileprivate var article: String { self == .svg ? "an" : "a" }
}
