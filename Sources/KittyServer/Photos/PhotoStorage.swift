import FoundationEssentials
import KittyShared
import Sodium

/// Where photos are kept, each under the hash of its content. Two real implementations: a folder and a bucket.
protocol PhotoStorage: Sendable {
  /// Keeps a file as a variant; it is kept when this returns. The file may be gone afterwards.
  /// - Throws: `PhotoStorageFailure`, here and below.
  func put(_ hash: String, _ variant: PhotoVariant, file: String) async throws
  /// The bytes of a variant, a few megabytes at most; `nil` when there is none.
  func read(_ hash: String, _ variant: PhotoVariant) async throws -> [UInt8]?
  /// A file of this machine that holds a variant, where that is how they are kept.
  func file(_ hash: String, _ variant: PhotoVariant) -> String?
  /// Removes a photo unless it was put here within `age`: then somebody may be about to show it.
  /// - Returns: Whether it is gone.
  func remove(_ hash: String, untouchedFor age: Duration) async throws -> Bool
  /// The hashes of all photos of which there is a file, and which variants there are.
  func variants() async throws -> [String: Set<PhotoVariant>]
  /// Puts an upload where a worker on another machine reaches it, if that takes anything.
  func stage(_ upload: ID, file: String) async throws
  /// Fetches an upload that another machine has staged.
  /// - Returns: Whether there is one.
  func fetch(_ upload: ID, into file: String) async throws -> Bool
  /// Removes what was staged.
  func unstage(_ upload: ID) async throws
  /// Removes everything that was staged more than `age` ago.
  func removeStaged(before age: Duration) async throws
  /// What is the matter with it, or `nil`; asked often.
  func healthProblem() async -> String?
}

extension PhotoStorage {
  /// The hashes of all photos of which there is a file.
  func hashes() async throws -> Set<String> { Set(try await variants().keys) }

  /// Takes a file's name into what `variants` finds.
  static func note(_ name: Substring, in found: inout [String: Set<PhotoVariant>]) {
    let parts = name.split(separator: ".", maxSplits: 1)
    guard let hash = parts.first, hash.utf8.count == 64 else { return }
    found[String(hash), default: []].formUnion(
      PhotoVariant.allCases.filter { $0.fileName == parts.last ?? "" })
  }

  /// Keeps the variants that a converter wrote.
  func keep(_ upload: Uploads.Upload, width: Int, height: Int) async throws -> Photo {
    let large = try Data(contentsOf: URL(filePath: "\(upload.folder)/\(PhotoVariant.large.fileName)"))
    let photo = Photo(hash: Self.hash(of: Array(large)), width: width, height: height)
    // The same picture again replaces itself, and is young again: see `remove`.
    for variant in PhotoVariant.allCases {
      try await put(photo.hash, variant, file: "\(upload.folder)/\(variant.fileName)")
    }
    return photo
  }

  /// What a photo is called whose large variant has these bytes.
  static func hash(of large: [UInt8]) -> String { hex(SHA256.hash(large)) }
}

/// Photos cannot be kept or read.
struct PhotoStorageFailure: Error, CustomStringConvertible {
  let description: String
}
