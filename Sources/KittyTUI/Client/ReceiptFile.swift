import KittyShared
import POSIX
import SystemPackage

/// A receipt on this machine, to be uploaded.
struct ReceiptFile: Sendable, Equatable {
  let path: String
  let size: Int64

  /// Checks the file before it is sent: it must exist, be a regular file, be readable, not be too large, and begin like a
  /// PDF or a picture.
  /// - Throws: `PhotoFile.Refusal`.
  init(path: String, home: String) throws(PhotoFile.Refusal) {
    let path = PhotoFile.expanded(path, home: home)
    guard let information = try? FilePath(path).stat() else {
      throw PhotoFile.Refusal(description: "\(path) does not exist on this machine.")
    }
    guard information.type == .regular else {
      throw PhotoFile.Refusal(description: "\(path) is not a regular file.")
    }
    guard information.size <= Int64(Receipt.maxBytes) else { throw Self.tooLarge }
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
      throw PhotoFile.Refusal(description: "\(path) cannot be read.")
    }
    defer { try? file.close() }
    try Self.checkFormat((try? file.read(upTo: PictureFormat.headLength)) ?? [])
    self.path = path
    size = information.size
  }

  /// The name of the file, without its folder, if the server can take it.
  var name: String? { path.split(separator: "/").last.flatMap { Self.name(String($0)) } }

  /// Returns a name that the server takes; `nil` for one that it refuses.
  static func name(_ text: String) -> String? {
    var checks = FieldChecks()
    Receipt.checkName(text, "name", &checks)
    return checks.errors.isEmpty ? text : nil
  }

  /// Checks that the first bytes are those of a PDF, or of a picture in an accepted format.
  /// - Throws: `PhotoFile.Refusal`, with the message that the server would send.
  static func checkFormat(_ head: [UInt8]) throws(PhotoFile.Refusal) {
    let format = PictureFormat.detect(head)
    guard format.flatMap(Receipt.MediaType.init) == nil else { return }
    throw PhotoFile.Refusal(description: PhotoRejection.notAPicture(found: format).message(for: .receipt))
  }

  /// The refusal of a file that is too large.
  static let tooLarge = PhotoFile.Refusal(
    description: "The receipt is too large: it must have at most 10 MiB.")
}
