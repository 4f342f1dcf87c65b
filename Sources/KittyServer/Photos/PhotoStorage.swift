import FoundationEssentials
import KittyShared
import Sodium

/// A store of photos, each under the hash of its large variant, and of receipts, each under its own hash. `PhotoFolder` keeps
/// them on disk, `S3Bucket` in an object store.
///
/// Rules for an implementation:
/// - Photos and receipts are immutable. `put` of an existing file replaces it by the same bytes, and its age starts again.
/// - When `put` returns, the file survives a crash of the machine.
/// - `remove` spares a photo that was put less than `age` ago. Its upload may not be in the books yet.
/// - All functions may run at the same time, also in several processes.
/// - They throw `PhotoStorageFailure`, whose text is for the log and names the folder or bucket.
///
/// Staging carries an upload from the server to a worker on another machine. With a shared folder it does nothing.
///
/// ```swift
/// let photo = try await photos.store(upload, width: 1200, height: 900)
/// let bytes = try await photos.read(photo.hash, .small)
/// ```
protocol PhotoStorage: Sendable {
  /// Stores a file as a variant of a photo. The file may be moved.
  func put(_ hash: String, _ variant: StoredVariant, file: String) async throws
  /// Returns the bytes of a variant, ten megabytes at most; `nil` when the photo does not exist.
  func read(_ hash: String, _ variant: StoredVariant) async throws -> [UInt8]?
  /// Returns the path of a variant where photos are files of this machine; `nil` elsewhere.
  func file(_ hash: String, _ variant: StoredVariant) -> String?
  /// Removes a photo or a receipt unless it was put less than `age` ago.
  /// - Returns: `false` when it was spared.
  func remove(_ hash: String, _ kind: StoredVariant.Kind, untouchedFor age: Duration) async throws -> Bool
  /// Lists all hashes with the files that exist of each.
  func variants() async throws -> [String: Set<StoredVariant>]

  /// Makes an upload available to workers on other machines.
  func stage(_ upload: ID, file: String) async throws
  /// Copies a staged upload into a file.
  /// - Returns: `false` when the upload was not staged.
  func fetchStaged(_ upload: ID, into file: String) async throws -> Bool
  /// Removes a staged upload.
  func unstage(_ upload: ID) async throws
  /// Removes all uploads that were staged more than `age` ago.
  func removeStaged(olderThan age: Duration) async throws

  /// Returns the reason why photos cannot be stored or read; `nil` when all is well. Monitors ask often.
  func healthProblem() async -> String?
}

extension PhotoStorage {
  /// Returns the hashes of which a file exists.
  func hashes() async throws -> Set<String> { Set(try await variants().keys) }

  /// Adds the file to the result of `variants`.
  static func add(fileNamed name: Substring, to found: inout [String: Set<StoredVariant>]) {
    let parts = name.split(separator: ".", maxSplits: 1)
    guard let hash = parts.first, hash.utf8.count == 64 else { return }
    found[String(hash), default: []].formUnion(
      StoredVariant.allCases.filter { $0.fileName == parts.last ?? "" })
  }

  /// Stores the variants that the converter made of an upload.
  func store(_ upload: UploadFolder.Upload, width: Int, height: Int) async throws -> Photo {
    let large = try Data(contentsOf: URL(filePath: "\(upload.folder)/\(PhotoVariant.large.fileName)"))
    let photo = Photo(hash: Self.hash(of: Array(large)), width: width, height: height)
    for variant in StoredVariant.ofPhoto {
      try await put(photo.hash, variant, file: "\(upload.folder)/\(variant.fileName)")
    }
    return photo
  }

  /// Returns the hash of the photo whose large variant has these bytes, and of a receipt with them.
  static func hash(of bytes: [UInt8]) -> String { hex(SHA256.hash(bytes)) }
}

/// Thrown when photos cannot be stored or read.
struct PhotoStorageFailure: Error, CustomStringConvertible {
  let description: String
}
