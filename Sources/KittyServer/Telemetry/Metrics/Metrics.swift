/// The meters of a process. Each part of the program gets only the meter that it adds to.
final class Metrics: Sendable {
  let requests = RequestMeters()
  let refusals = RefusalMeter()
  let caches = Caches()
  let database = DatabaseMeter()
  let jobs = JobMeters()

  /// The meters of the caches; see `VersionedCache`.
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
