/// The versions that tags had when a request began, and the time until which values may be cached under them.
struct CacheVersion: Hashable, Sendable {
  let numbers: [Int]
  let until: ContinuousClock.Instant

  init(_ numbers: Int..., until: ContinuousClock.Instant) {
    self.numbers = numbers
    self.until = until
  }
}
