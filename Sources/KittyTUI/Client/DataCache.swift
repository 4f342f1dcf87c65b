import FoundationEssentials
import KittyShared

/// The data that was read last, for the first frame of the next start. A file that cannot be read, has another version
/// or belongs to another user is ignored, and replaced by the next one.
struct DataCache: Sendable {
  let folder: String
  let server: String
  let user: String

  /// The version of the files. Another one is ignored.
  static let version = 3
  /// The largest file. Larger data is not kept: a part of a list would be shown as the whole.
  static let limit = 1 << 20
  /// The number of groups that are kept.
  static let groupLimit = 16

  /// The content of a file, with its owner.
  private struct File<Content: Codable>: Codable {
    let version: Int
    let server: String
    let user: String
    let content: Content
  }

  /// The list of groups; `nil` without one.
  var groups: CachedGroups? { read("groups") }

  func keep(_ groups: CachedGroups) { write(groups, "groups") }

  /// Returns a group; `nil` without one.
  func group(_ id: ID) -> CachedGroup? {
    let cached: CachedGroup? = read("\(id)")
    return cached?.group.id == id ? cached : nil
  }

  func keep(_ group: CachedGroup) {
    write(group, "\(group.group.id)")
    prune()
  }

  func remove(_ group: ID) { file("\(group)").remove() }

  /// Removes everything.
  func remove() {
    // A folder that does not exist is removed already.
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func file(_ name: String) -> PrivateFile { PrivateFile(path: "\(folder)/\(name).json") }

  private func read<Content: Codable>(_ name: String) -> Content? {
    // A link, or a file of another user, is no cache.
    guard let bytes = try? file(name).read(upTo: Self.limit + 1), bytes.count <= Self.limit,
      let file = try? JSON.decode(File<Content>.self, from: Data(bytes)),
      file.version == Self.version, file.server == server, file.user == user
    else { return nil }
    return file.content
  }

  private func write(_ content: some Codable, _ name: String) {
    let whole = File(version: Self.version, server: server, user: user, content: content)
    guard let bytes = try? JSON.bytes(of: whole), bytes.count <= Self.limit else {
      return file(name).remove()
    }
    // Without a cache everything works; what cannot be written is read from the server again.
    try? file(name).write(bytes)
  }

  /// Removes the groups that were not written for the longest time.
  private func prune() {
    let manager = FileManager.default
    let names = ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.hasSuffix(".json") && $0 != "groups.json"
    }
    guard names.count > Self.groupLimit else { return }
    let dated = names.map { name in
      let attributes = try? manager.attributesOfItem(atPath: "\(folder)/\(name)")
      return (name: name, date: attributes?[.modificationDate] as? Date ?? .distantPast)
    }
    for old in dated.sorted(by: { $0.date > $1.date }).dropFirst(Self.groupLimit) {
      PrivateFile(path: "\(folder)/\(old.name)").remove()
    }
  }
}

/// The list of groups in the cache.
struct CachedGroups: Codable, Hashable, Sendable {
  let savedAt: Instant
  let groups: [Group]
  /// The details of some of them.
  let digests: [GroupDigest]
}

/// A group in the cache.
struct CachedGroup: Codable, Hashable, Sendable {
  let savedAt: Instant
  let group: Group
  let members: [Member]
  let balances: [Balance]
  let categories: [Category]
  let rules: [Recurring]
  let entries: [Entry]
  let next: String?
  let sequence: Int64
}
