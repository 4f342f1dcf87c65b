import FoundationEssentials
import Glibc
import KittyShared

/// Photos on disk, named by the hash of their content: `photos/ab/abcd….large.jpg` and so on.
struct PhotoFolder: PhotoStorage {
  private let photos: String

  /// Makes the folder, mode 0750.
  /// - Throws: `PhotoStorageFailure` when the data folder cannot be made or written to.
  init(dataFolder: String) throws {
    photos = dataFolder + "/photos"
    for folder in [dataFolder, photos] { try Uploads.makeFolder(folder) }
    if let healthProblem = healthProblem() { throw PhotoStorageFailure(description: healthProblem) }
  }

  func healthProblem() -> String? {
    unsafe access(photos, W_OK) == 0 ? nil : "cannot write to \(photos)"
  }

  /// Moves the file to where it belongs; it is on the disk when this returns.
  func put(_ hash: String, _ variant: PhotoVariant, file: String) throws {
    let folder = folder(of: hash)
    try Uploads.makeFolder(folder)
    unsafe chmod(file, 0o640)
    try Self.sync(file)
    guard unsafe rename(file, path(of: hash, variant)) == 0 else {
      throw PhotoStorageFailure(
        description: "cannot move a photo to \(folder): \(unsafe String(cString: strerror(errno)))")
    }
    try Self.sync(folder)
  }

  func read(_ hash: String, _ variant: PhotoVariant) throws -> [UInt8]? {
    let path = path(of: hash, variant)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
      throw PhotoStorageFailure(description: "cannot read \(path)")
    }
  }

  func file(_ hash: String, _ variant: PhotoVariant) -> String? { path(of: hash, variant) }

  /// Where a variant is.
  func path(of hash: String, _ variant: PhotoVariant) -> String {
    "\(folder(of: hash))/\(hash).\(variant.fileName)"
  }

  func remove(_ hash: String, untouchedFor age: Duration) throws -> Bool {
    let paths = PhotoVariant.allCases.map { path(of: hash, $0) }
      .filter { FileManager.default.fileExists(atPath: $0) }
    guard paths.allSatisfy({ Uploads.age(of: $0) >= age }) else { return false }
    for path in paths { try FileManager.default.removeItem(atPath: path) }
    return true
  }

  func variants() throws -> [String: Set<PhotoVariant>] {
    var found: [String: Set<PhotoVariant>] = [:]
    for folder in try FileManager.default.contentsOfDirectory(atPath: photos) {
      // Anything but a list of names is no folder of ours.
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(photos)/\(folder)")) ?? [] {
        Self.note(name[...], in: &found)
      }
    }
    return found
  }

  // Who shares the photos shares the folder of uploads beside them: see `Uploads`.
  func stage(_ upload: ID, file: String) {}
  func fetch(_ upload: ID, into file: String) -> Bool { false }
  func unstage(_ upload: ID) {}
  func removeStaged(before age: Duration) {}

  private func folder(of hash: String) -> String { "\(photos)/\(hash.prefix(2))" }

  /// Waits until a file or a folder's list of names is on the disk.
  private static func sync(_ path: String) throws {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { throw PhotoStorageFailure(description: "cannot open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw PhotoStorageFailure(description: "cannot write \(path) to the disk")
    }
  }
}
