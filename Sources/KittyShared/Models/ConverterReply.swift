/// The reply of `kittycash-photo` to the server, as one line of JSON: the size of the large variant, or the reason why
/// the picture is not usable.
package struct ConverterReply: Codable, Equatable, Sendable {
  /// Pixels of the large variant; 0 for a rejected picture.
  package let width: Int
  /// Pixels of the large variant; 0 for a rejected picture.
  package let height: Int
  /// `nil` for a converted picture.
  package let rejection: PhotoRejection?

  /// The exit status of the converter when the disk is full, which is not the fault of the picture.
  package static let noSpaceStatus: Int32 = 74

  /// The reply for a converted picture.
  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
    rejection = nil
  }

  /// The reply for a rejected picture.
  package init(rejection: PhotoRejection) {
    width = 0
    height = 0
    self.rejection = rejection
  }
}
