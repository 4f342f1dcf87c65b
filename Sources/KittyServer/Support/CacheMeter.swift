/// Hits and misses of a cache.
final class CacheMeter: Sendable {
  let hits = Counter()
  let misses = Counter()
}
