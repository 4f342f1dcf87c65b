import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// Photos and receipts on disk, named by their hashes: `photos/ab/abcd….large.jpg` and so on.
struct PhotoFolder: PhotoStorage {
  private let photos: String

  /// Creates the folder with mode 0750.
  /// - Throws: `PhotoStorageFailure` when the data folder cannot be created or written to.
  init(dataFolder: String) throws {
    photos = dataFolder + "/photos"
    for folder in [dataFolder, photos] { try UploadFolder.createFolder(folder) }
    if let healthProblem = healthProblem() { throw PhotoStorageFailure(description: healthProblem) }
  }

  func healthProblem() -> String? { FilePath(photos).isWritable ? nil : "cannot write to \(photos)" }

  /// Moves the file into the folder.
  func put(_ hash: String, _ variant: StoredVariant, file: String) throws {
    let folder = folder(of: hash)
    try UploadFolder.createFolder(folder)
    let (source, target) = (FilePath(file), FilePath(path(of: hash, variant)))
    try? source.setPermissions([.ownerReadWrite, .groupRead])
    try Self.sync(source)
    do { try source.rename(to: target) } catch {
      throw PhotoStorageFailure(description: "cannot move a photo to \(folder): \(error)")
    }
    try Self.sync(FilePath(folder))
  }

  func read(_ hash: String, _ variant: StoredVariant) throws -> [UInt8]? {
    let path = path(of: hash, variant)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
      throw PhotoStorageFailure(description: "cannot read \(path)")
    }
  }

  func file(_ hash: String, _ variant: StoredVariant) -> String? { path(of: hash, variant) }

  private func path(of hash: String, _ variant: StoredVariant) -> String {
    "\(folder(of: hash))/\(hash).\(variant.fileName)"
  }

  func remove(_ hash: String, _ kind: StoredVariant.Kind, untouchedFor age: Duration) throws -> Bool {
    let paths = kind.variants.map { path(of: hash, $0) }
      .filter { FileManager.default.fileExists(atPath: $0) }
    guard paths.allSatisfy({ UploadFolder.age(of: $0) >= age }) else { return false }
    for path in paths { try FileManager.default.removeItem(atPath: path) }
    return true
  }

  func variants() throws -> [String: Set<StoredVariant>] {
    var found: [String: Set<StoredVariant>] = [:]
    for folder in try FileManager.default.contentsOfDirectory(atPath: photos) {
      // A name that cannot be listed is not a folder of photos.
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(photos)/\(folder)")) ?? [] {
        Self.add(fileNamed: name[...], to: &found)
      }
    }
    return found
  }

  // Processes that share the photos also share the folder of uploads beside them, so staging has nothing to do.
  func stage(_ upload: ID, file: String) {}
  func fetchStaged(_ upload: ID, into file: String) -> Bool { false }
  func unstage(_ upload: ID) {}
  func removeStaged(olderThan age: Duration) {}

  private func folder(of hash: String) -> String { "\(photos)/\(hash.prefix(2))" }

  private static func sync(_ path: FilePath) throws {
    do { try path.sync() } catch {
      throw PhotoStorageFailure(description: "cannot write \(path) to the disk: \(error)")
    }
  }
}
