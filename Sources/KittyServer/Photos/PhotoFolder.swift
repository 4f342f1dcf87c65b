import FoundationEssentials
import Glibc
import KittyShared
import Sodium

/// Photos on disk, named by the hash of their content: `photos/ab/abcd….large.jpg` and so on.
struct PhotoFolder: Sendable {
  private let photos: String
  private let uploads: String

  /// Makes the folders, mode 0750, and removes what an earlier run left half done.
  /// - Throws: `PhotoFolderFailure` when the data folder cannot be made or written to.
  init(dataFolder: String) throws {
    photos = dataFolder + "/photos"
    uploads = dataFolder + "/uploads"
    for folder in [dataFolder, photos, uploads] { try Self.makeFolder(folder) }
    if let complaint = complaint() { throw PhotoFolderFailure(description: complaint) }
    for name in try FileManager.default.contentsOfDirectory(atPath: uploads) {
      let path = uploads + "/" + name
      if Self.age(of: path) > .seconds(3600) { try FileManager.default.removeItem(atPath: path) }
    }
  }

  /// What is the matter with the folder, or `nil`.
  @Sendable func complaint() -> String? {
    guard unsafe access(photos, W_OK) == 0, unsafe access(uploads, W_OK) == 0 else {
      return "cannot write to \(photos)"
    }
    return nil
  }

  /// Where an upload and its variants are until they are kept.
  struct Upload: Sendable {
    let folder: String
    var file: String { folder + "/original" }
  }

  /// Makes a place for an upload.
  func beginUpload() throws -> Upload {
    let upload = Upload(folder: "\(uploads)/\(ID(at: .now))")
    try Self.makeFolder(upload.folder)
    return upload
  }

  /// How many bytes were uploaded.
  func size(of upload: Upload) throws -> Int {
    var information = stat()
    guard unsafe stat(upload.file, &information) == 0 else {
      throw PhotoFolderFailure(description: "cannot read \(upload.file)")
    }
    return Int(information.st_size)
  }

  /// Removes what is left of an upload.
  func endUpload(_ upload: Upload) {
    // What cannot be removed now is removed at the next start.
    try? FileManager.default.removeItem(atPath: upload.folder)
  }

  /// Moves the variants of an upload to where they belong; they are on the disk when this returns.
  func keep(_ upload: Upload, width: Int, height: Int) throws -> Photo {
    let large = try Data(contentsOf: URL(filePath: "\(upload.folder)/\(PhotoVariant.large.fileName)"))
    let photo = Photo(hash: Self.hash(of: Array(large)), width: width, height: height)
    let folder = folder(of: photo.hash)
    try Self.makeFolder(folder)
    for variant in PhotoVariant.allCases {
      let source = "\(upload.folder)/\(variant.fileName)"
      unsafe chmod(source, 0o640)
      try Self.sync(source)
      // The same picture again replaces itself; its files are young again, see `remove`.
      guard unsafe rename(source, path(of: photo.hash, variant)) == 0 else {
        throw PhotoFolderFailure(
          description: "cannot move a photo to \(folder): \(unsafe String(cString: strerror(errno)))")
      }
    }
    try Self.sync(folder)
    return photo
  }

  /// The bytes of a variant; `nil` when there is no such file.
  /// - Throws: `PhotoFolderFailure` when it cannot be read.
  func read(_ hash: String, _ variant: PhotoVariant) throws -> [UInt8]? {
    let path = path(of: hash, variant)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
      throw PhotoFolderFailure(description: "cannot read \(path)")
    }
  }

  /// Writes a variant; it is on the disk when this returns.
  /// - Throws: `PhotoFolderFailure`.
  func put(_ hash: String, _ variant: PhotoVariant, _ bytes: [UInt8]) throws {
    let folder = folder(of: hash)
    try Self.makeFolder(folder)
    let partial = "\(uploads)/\(ID(at: .now))"
    do {
      try Data(bytes).write(to: URL(filePath: partial))
      unsafe chmod(partial, 0o640)
      try Self.sync(partial)
      guard unsafe rename(partial, path(of: hash, variant)) == 0 else {
        throw PhotoFolderFailure(description: unsafe String(cString: strerror(errno)))
      }
      try Self.sync(folder)
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      let why = (error as? CocoaError)?.code == .fileWriteOutOfSpace ? "the disk is full" : "\(error)"
      throw PhotoFolderFailure(description: "cannot write a photo to \(folder): \(why)")
    }
  }

  /// What a photo is called whose large variant has these bytes.
  static func hash(of large: [UInt8]) -> String { hex(SHA256.hash(large)) }

  /// Where a variant is.
  func path(of hash: String, _ variant: PhotoVariant) -> String {
    "\(folder(of: hash))/\(hash).\(variant.fileName)"
  }

  /// Removes a photo unless it is younger than `age`: then somebody may be about to show it.
  /// - Returns: Whether it is gone.
  func remove(_ hash: String, untouchedFor age: Duration) throws -> Bool {
    let paths = PhotoVariant.allCases.map { path(of: hash, $0) }
      .filter { FileManager.default.fileExists(atPath: $0) }
    guard paths.allSatisfy({ Self.age(of: $0) >= age }) else { return false }
    for path in paths { try FileManager.default.removeItem(atPath: path) }
    return true
  }

  /// The hashes of all photos that have files here.
  func hashes() throws -> Set<String> {
    var hashes: Set<String> = []
    for folder in try FileManager.default.contentsOfDirectory(atPath: photos) {
      // Anything but a list of names is no folder of ours.
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(photos)/\(folder)")) ?? [] {
        if let hash = name.split(separator: ".").first, hash.utf8.count == 64 { hashes.insert(String(hash)) }
      }
    }
    return hashes
  }

  private func folder(of hash: String) -> String { "\(photos)/\(hash.prefix(2))" }

  private static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      // The system's own words for it are a page long.
      throw PhotoFolderFailure(
        description: "The folder \(path) cannot be made here. Name another place with --data or DATA_DIR.")
    }
  }

  private static func age(of path: String) -> Duration {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let date = attributes?[.modificationDate] as? Date else { return .zero }
    return .seconds(Date.now.timeIntervalSince(date))
  }

  /// Waits until a file or a folder's list of names is on the disk.
  private static func sync(_ path: String) throws {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { throw PhotoFolderFailure(description: "cannot open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw PhotoFolderFailure(description: "cannot write \(path) to the disk")
    }
  }
}

/// The folder of the photos cannot be used.
struct PhotoFolderFailure: Error, CustomStringConvertible {
  let description: String
}
