/// The reply of `kittycash-photo` to the server, as one line of JSON: the size of the large variant or the type of a receipt, or
/// the reason why the file is not usable.
package struct ConverterReply: Codable, Equatable, Sendable {
  /// Pixels of the large variant; 0 for a rejected picture and for a receipt.
  package let width: Int
  /// Pixels of the large variant; 0 for a rejected picture and for a receipt.
  package let height: Int
  /// The type of a receipt; `nil` for a photo.
  package let type: Receipt.MediaType?
  /// `nil` for a converted picture.
  package let rejection: PhotoRejection?

  /// The exit status of the converter when the disk is full, which is not the fault of the picture.
  package static let noSpaceStatus: Int32 = 74

  /// The reply for a converted picture.
  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
    type = nil
    rejection = nil
  }

  /// The reply for a receipt.
  package init(type: Receipt.MediaType) {
    width = 0
    height = 0
    self.type = type
    rejection = nil
  }

  /// The reply for a rejected picture.
  package init(rejection: PhotoRejection) {
    width = 0
    height = 0
    type = nil
    self.rejection = rejection
  }
}
