import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// The folder of uploads that are not stored yet, on the disk of this machine: `uploads/ID/original`.
struct UploadFolder: Sendable {
  private let path: String

  /// Maximum age of an upload, of its staged copy, and of its row. The worker removes older ones: their requests
  /// ended long ago.
  static let maxAge: Duration = .seconds(3600)
  /// Fewer free bytes count as a full disk: the variants of a photo may need them.
  private static let minimalRoom: UInt64 = 4 << 20

  /// Creates the folder with mode 0750, and removes abandoned uploads.
  /// - Throws: `PhotoStorageFailure` when the data folder cannot be created or written to.
  init(dataFolder: String) throws {
    path = dataFolder + "/uploads"
    for folder in [dataFolder, path] { try Self.createFolder(folder) }
    if let healthProblem = healthProblem() { throw PhotoStorageFailure(description: healthProblem) }
    try removeAbandoned()
  }

  /// Returns the reason why the folder cannot be used; `nil` when all is well.
  @Sendable func healthProblem() -> String? { FilePath(path).isWritable ? nil : "cannot write to \(path)" }

  /// `true` when the disk has no room for another upload.
  func isFull() -> Bool { !hasRoom(for: 0) }

  /// `true` when the disk has room for some bytes, and for another upload beside them.
  func hasRoom(for bytes: Int) -> Bool {
    guard let free = try? FilePath(path).freeBytes() else { return true }
    return free >= UInt64(bytes) + Self.minimalRoom
  }

  /// A folder for one upload, and for the variants that the converter makes of it.
  struct Upload: Sendable {
    let id: ID
    let folder: String
    /// The file as the client sent it.
    var original: String { folder + "/original" }
  }

  /// Creates the folder of a new upload. The caller must remove it.
  /// - Throws: `PhotoStorageFailure`.
  func create() throws -> Upload {
    let upload = upload(ID(at: .now))
    try Self.createFolder(upload.folder)
    return upload
  }

  /// Creates an upload with these bytes. The caller must remove it.
  /// - Throws: `PhotoStorageFailure`, such as for a full disk.
  func create(with bytes: [UInt8]) throws -> Upload {
    let upload = try create()
    do { try Data(bytes).write(to: URL(filePath: upload.original)) } catch {
      remove(upload)
      let why = (error as? CocoaError)?.code == .fileWriteOutOfSpace ? "the disk is full" : "\(error)"
      throw PhotoStorageFailure(description: "cannot write a photo to \(path): \(why)")
    }
    return upload
  }

  /// Returns an upload that was created before, perhaps by another process with the same data folder.
  func upload(_ id: ID) -> Upload { Upload(id: id, folder: "\(path)/\(id)") }

  /// Returns the number of bytes that were uploaded.
  /// - Throws: `PhotoStorageFailure`.
  func size(of upload: Upload) throws -> Int {
    do {
      let file = try FileDescriptor.open(FilePath(upload.original), .readOnly)
      return try file.closeAfter { Int(try file.seek(offset: 0, from: .end)) }
    } catch {
      throw PhotoStorageFailure(description: "cannot read \(upload.original): \(error)")
    }
  }

  /// Removes an upload and all files in its folder.
  func remove(_ upload: Upload) {
    // Files that cannot be removed now are removed later; see `removeAbandoned`.
    try? FileManager.default.removeItem(atPath: upload.folder)
  }

  /// Removes uploads whose request ended without removing them, in a crash for example.
  func removeAbandoned() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let file = path + "/" + name
      if Self.age(of: file) > Self.maxAge { try FileManager.default.removeItem(atPath: file) }
    }
  }

  static func createFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      // The description of the system's error fills a page.
      throw PhotoStorageFailure(
        description: "Cannot create the folder \(path). Name another one with --data or DATA_DIR.")
    }
  }

  /// Returns the time since the file was last written; zero when it does not exist.
  static func age(of path: String) -> Duration {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let date = attributes?[.modificationDate] as? Date else { return .zero }
    return .seconds(Date.now.timeIntervalSince(date))
  }
}
