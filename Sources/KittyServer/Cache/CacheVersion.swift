/// The versions that tags had when a request began, and the time until which values may be cached under them.
struct CacheVersion: Hashable, Sendable {
  let numbers: [Int]
  /// `nil` for values that are valid as long as the versions.
  let until: ContinuousClock.Instant?

  init(_ numbers: Int..., until: ContinuousClock.Instant? = nil) {
    self.numbers = numbers
    self.until = until
  }
}
