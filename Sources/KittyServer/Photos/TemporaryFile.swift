/// A file that the server makes for one response. It is removed with the last reference to it.
final class TemporaryFile: Sendable {
  private let uploads: UploadFolder
  private let upload: UploadFolder.Upload

  /// - Throws: `PhotoStorageFailure` when its folder cannot be created.
  init(in uploads: UploadFolder) throws {
    self.uploads = uploads
    upload = try uploads.create()
  }

  deinit { uploads.remove(upload) }

  var path: String { upload.original }
  /// A folder of its own.
  var folder: String { upload.folder }
}
