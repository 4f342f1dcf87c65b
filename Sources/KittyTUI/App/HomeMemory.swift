import KittyShared

/// The list of groups as it was read last.
struct HomeMemory: Sendable {
  var groups: [Group]?
  var digests: [GroupDigest] = []
  /// The content of the file in the cache.
  var written: CachedGroups?
}
