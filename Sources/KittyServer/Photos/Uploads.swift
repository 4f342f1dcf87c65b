import FoundationEssentials
import Glibc
import KittyShared

/// Where uploads are until they are kept, on this machine's disk.
struct Uploads: Sendable {
  private let folder: String

  /// Makes the folder, mode 0750, and removes what an earlier run left half done.
  /// - Throws: `PhotoStorageFailure` when the data folder cannot be made or written to.
  init(dataFolder: String) throws {
    folder = dataFolder + "/uploads"
    for folder in [dataFolder, folder] { try Self.makeFolder(folder) }
    if let healthProblem = healthProblem() { throw PhotoStorageFailure(description: healthProblem) }
    try removeOld()
  }

  /// Removes what is left of uploads whose request has ended in the middle.
  func removeOld() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let path = folder + "/" + name
      if Self.age(of: path) > PhotoConversionStore.lifetime {
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }

  /// What is the matter with the folder, or `nil`.
  @Sendable func healthProblem() -> String? {
    unsafe access(folder, W_OK) == 0 ? nil : "cannot write to \(folder)"
  }

  /// Where an upload and its variants are until they are kept.
  struct Upload: Sendable {
    let id: ID
    let folder: String
    var file: String { folder + "/original" }
  }

  /// Makes a place for an upload.
  func begin() throws -> Upload {
    let upload = upload(ID(at: .now))
    try Self.makeFolder(upload.folder)
    return upload
  }

  /// The place of an upload that was begun, perhaps by another process with the same data folder.
  func upload(_ id: ID) -> Upload { Upload(id: id, folder: "\(folder)/\(id)") }

  /// Makes a place for a file with these bytes.
  /// - Throws: `PhotoStorageFailure`, such as for a full disk.
  func begin(with bytes: [UInt8]) throws -> Upload {
    let upload = try begin()
    do { try Data(bytes).write(to: URL(filePath: upload.file)) } catch {
      end(upload)
      let why = (error as? CocoaError)?.code == .fileWriteOutOfSpace ? "the disk is full" : "\(error)"
      throw PhotoStorageFailure(description: "cannot write a photo to \(folder): \(why)")
    }
    return upload
  }

  /// How many bytes were uploaded.
  func size(of upload: Upload) throws -> Int {
    var information = stat()
    guard unsafe stat(upload.file, &information) == 0 else {
      throw PhotoStorageFailure(description: "cannot read \(upload.file)")
    }
    return Int(information.st_size)
  }

  /// Removes what is left of an upload.
  func end(_ upload: Upload) {
    // What cannot be removed now is removed by the worker; see `removeOld`.
    try? FileManager.default.removeItem(atPath: upload.folder)
  }

  static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      // The system's own words for it are a page long.
      throw PhotoStorageFailure(
        description: "The folder \(path) cannot be made here. Name another place with --data or DATA_DIR.")
    }
  }

  static func age(of path: String) -> Duration {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let date = attributes?[.modificationDate] as? Date else { return .zero }
    return .seconds(Date.now.timeIntervalSince(date))
  }
}
