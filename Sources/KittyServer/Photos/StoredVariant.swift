import KittyShared

/// The files that a photo storage has of a hash: the variants of a photo, and the two files of a receipt.
enum StoredVariant: String, Sendable, CaseIterable {
  case large, small, preview
  /// A receipt as it was sent, byte for byte.
  case receipt
  /// Binary PPM of a receipt that is a picture, for terminal clients.
  case receiptPreview

  /// The thing that a hash names. A photo and a receipt can have the same hash: a photo that was downloaded is sent as a receipt.
  enum Kind: Sendable {
    case photo, receipt

    /// The files of the kind.
    var variants: [StoredVariant] { StoredVariant.allCases.filter { $0.kind == self } }
  }

  init(_ variant: PhotoVariant) {
    self =
      switch variant {
      case .large: .large
      case .small: .small
      case .preview: .preview
      }
  }

  var kind: Kind { self == .receipt || self == .receiptPreview ? .receipt : .photo }

  /// `true` for the file whose hash names all files of its kind.
  var isNamed: Bool { self == .large || self == .receipt }

  /// Last part of the names of the files.
  var fileName: String {
    switch self {
    case .large: PhotoVariant.large.fileName
    case .small: PhotoVariant.small.fileName
    case .preview: PhotoVariant.preview.fileName
    case .receipt: "receipt"
    case .receiptPreview: Receipt.previewFile
    }
  }

  /// Media type by which a bucket stores the file.
  var contentType: String {
    switch self {
    case .large: PhotoVariant.large.contentType
    case .small: PhotoVariant.small.contentType
    case .preview, .receiptPreview: PhotoVariant.preview.contentType
    case .receipt: "application/octet-stream"
    }
  }

  /// The variants of a photo.
  static let ofPhoto = Kind.photo.variants
}
