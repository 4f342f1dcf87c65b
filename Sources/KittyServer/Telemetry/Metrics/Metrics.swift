import KittyShared

/// All the numbers that a process counts while it works.
final class Metrics: Sendable {
  let requests = RequestMeters()
  let caches = Caches()
  let database = DatabaseMeter()
  let jobs = JobMeters()

  /// What this process remembers; see `VersionedCache`.
  struct Caches: Sendable {
    let principals = CacheMeter()
    let memberships = CacheMeter()
    let participants = CacheMeter()
    let replies = CacheMeter()

    var all: [(name: String, meter: CacheMeter)] {
      [
        ("principals", principals), ("memberships", memberships), ("participants", participants),
        ("replies", replies),
      ]
    }
  }
}
