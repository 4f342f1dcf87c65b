/// A photo of a user or a group: checked, turned upright, and without metadata.
package struct Photo: Codable, Hashable, Sendable {
  /// The SHA-256 hash of the large variant in hexadecimal. Equal pictures have equal hashes.
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

/// The sizes in which a photo is served. None is larger than the uploaded picture.
package enum PhotoVariant: String, Codable, Sendable, CaseIterable {
  /// JPEG, at most 2048 pixels a side.
  case large
  /// JPEG, at most 320 pixels a side.
  case small
  /// Binary PPM, at most 256 pixels a side: for terminal clients, which need no decoder for it.
  case preview

  /// Media type of the variant.
  package var contentType: String { self == .preview ? "image/x-portable-pixmap" : "image/jpeg" }

  /// Last part of the names of the variant's files.
  package var fileName: String {
    switch self {
    case .large: "large.jpg"
    case .small: "small.jpg"
    case .preview: "preview.ppm"
    }
  }
}
