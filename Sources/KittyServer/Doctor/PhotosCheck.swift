import FoundationEssentials
import KittyShared
import SystemPackage

/// Photos: the folder or the bucket can be written and read, and the converter works.
struct PhotosCheck: Check {
  let part = "photos"
  let settings: Settings
  /// The converter; `nil` for the one beside the running program.
  var converter: PhotoConverterProcess?

  /// A picture of 16 × 16 pixels.
  private static let picture =
    Data(
      base64Encoded:
        "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mM4kWJEEmIY1TCqYfhqAACoeF4QNBLLLwAAAABJRU5ErkJggg=="
    ) ?? Data()

  func findings() async throws -> [Finding] {
    let folder = FileManager.default.temporaryDirectory.path + "/kittycash-doctor-\(ID(at: .now))"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/original"
    try Self.picture.write(to: URL(filePath: file))
    return [await conversion(of: file, into: folder), await storage(of: file, folder)]
  }

  private func conversion(of file: String, into folder: String) async -> Finding {
    do {
      let converter = try converter ?? .beside()
      if let problem = converter.healthProblem() { return .fault("Photos cannot be converted: \(problem).") }
      let size = try await converter.convert(file, into: folder)
      return .ok("The converter makes variants of a picture of \(size.width) × \(size.height).")
    } catch {
      return .fault(
        "Photos cannot be converted: \(error). Run kittycash-photo --help to see whether it starts.")
    }
  }

  /// Writes the file to the bucket, reads it and removes it. The folder is on the disk that `DiskCheck` looks at.
  private func storage(of file: String, _ folder: String) async -> Finding {
    guard let bucket = settings.photos else {
      let photos = FilePath(settings.dataFolder + "/photos")
      return photos.isWritable
        ? .ok("The folder \(photos) can be written.")
        : .fault(
          "The folder \(photos) cannot be written. Give it to the user of the server; the server makes it.")
    }
    let storage = S3Bucket(bucket.location, bucket.credentials, maxBytes: 1 << 20, timeout: 4)
    let probe = ID(at: .now)
    do {
      try await storage.stage(probe, file: file)
      let isThere = try await storage.fetchStaged(probe, into: file + ".back")
      try await storage.unstage(probe)
      let back = try? Data(contentsOf: URL(filePath: file + ".back"))
      guard isThere, back == Self.picture else {
        return .fault("The bucket of PHOTOS_URL returned another object than was stored. Check the store.")
      }
      return .ok("The bucket of PHOTOS_URL stores, returns and removes an object.")
    } catch {
      return .fault(
        "The bucket of PHOTOS_URL does not work: \(error). docs/operations.md names the permissions.")
    }
  }
}
