/// A photo that the server has checked, turned upright and stripped of everything but its pixels.
package struct Photo: Codable, Hashable, Sendable {
  /// The SHA-256 of its large variant in hexadecimal: the same picture has the same one.
  package let hash: String
  /// Pixels of the large variant.
  package let width: Int
  /// Pixels of the large variant.
  package let height: Int

  package init(hash: String, width: Int, height: Int) {
    self.hash = hash
    self.width = width
    self.height = height
  }
}

/// The sizes in which a photo is served; never larger than what was sent.
package enum PhotoVariant: String, Codable, Sendable, CaseIterable {
  /// JPEG, at most 2048 pixels a side.
  case large
  /// JPEG, at most 320 pixels a side.
  case small
  /// Binary PPM, at most 256 pixels a side: for a terminal, which should decode nothing complicated.
  case preview

  /// The media type.
  package var contentType: String { self == .preview ? "image/x-portable-pixmap" : "image/jpeg" }

  /// The end of the variant's file names.
  package var fileName: String {
    switch self {
    case .large: "large.jpg"
    case .small: "small.jpg"
    case .preview: "preview.ppm"
    }
  }
}
