import KittyShared

/// The current key of a role. It is replaced five minutes before it expires; callers at the same time share one request
/// for the next one, and wait for it only when there is no valid key.
///
/// After a failure, the source is asked again at the earliest after five seconds, so that requests for photos do not wait
/// one after the other for a source that does not answer.
actor TemporaryKeys {
  private let clock: @Sendable () -> Instant
  private let fetch: @Sendable () async throws -> TemporaryKey
  private var current: (TemporaryKey, renewAt: Instant)?
  private var failure: (any Error, until: Instant)?
  private var running: Task<TemporaryKey, any Error>?

  init(clock: @escaping @Sendable () -> Instant, _ fetch: @escaping @Sendable () async throws -> TemporaryKey)
  {
    self.clock = clock
    self.fetch = fetch
  }

  /// - Throws: The failure of the source, when no valid key is left.
  func key() async throws -> AWSCredentials.Key {
    let now = clock()
    if let (key, renewAt) = current, now < min(renewAt, key.expires) { return key.key }
    let valid = current.flatMap { now < $0.0.expires ? $0.0.key : nil }
    if let (error, until) = failure, now < until {
      if let valid { return valid }
      throw error
    }
    let running = running ?? start()
    if let valid { return valid }
    return try await running.value.key
  }

  /// Starts the request for the next key. It goes on when its first caller is cancelled, because others wait for it.
  private func start() -> Task<TemporaryKey, any Error> {
    let task: Task<TemporaryKey, any Error> = Task {
      defer { running = nil }
      do {
        let key = try await fetch()
        // A service that has no newer key yet is asked again after a minute.
        let early = key.expires.advanced(by: .seconds(-300))
        current = (key, renewAt: max(early, clock().advanced(by: .seconds(60))))
        failure = nil
        return key
      } catch {
        failure = (error, until: clock().advanced(by: .seconds(5)))
        throw error
      }
    }
    running = task
    return task
  }
}
