/// A photo that the server has checked, turned upright and stripped of everything but its pixels.
public struct Photo: Codable, Hashable, Sendable {
  /// The SHA-256 of its large variant in hexadecimal: the same picture has the same one.
  public let hash: String
  /// Pixels of the large variant.
  public let width: Int
  /// Pixels of the large variant.
  public let height: Int

  /// Makes one.
  public init(hash: String, width: Int, height: Int) {
    self.hash = hash
    self.width = width
    self.height = height
  }
}

/// The sizes in which a photo is served; never larger than what was sent.
public enum PhotoVariant: String, Codable, Sendable, CaseIterable {
  /// JPEG, at most 2048 pixels a side.
  case large
  /// JPEG, at most 320 pixels a side.
  case small
  /// Binary PPM, at most 256 pixels a side: for a terminal, which should decode nothing complicated.
  case preview

  /// The media type.
  public var contentType: String { self == .preview ? "image/x-portable-pixmap" : "image/jpeg" }

  /// The end of the variant's file names.
  public var fileName: String {
    switch self {
    case .large: "large.jpg"
    case .small: "small.jpg"
    case .preview: "preview.ppm"
    }
  }
}
