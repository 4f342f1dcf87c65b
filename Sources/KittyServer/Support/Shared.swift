/// A value that takes time to find. It is found once for all who ask at the same time, and is then valid for a while.
actor Shared<Value: Sendable> {
  private let lifetime: Duration
  private let find: @Sendable () async -> Value
  private var last: (value: Value, until: ContinuousClock.Instant)?
  private var running: Task<Value, Never>?

  init(for lifetime: Duration, _ find: @escaping @Sendable () async -> Value) {
    self.lifetime = lifetime
    self.find = find
  }

  func value() async -> Value {
    if let last, ContinuousClock.now < last.until { return last.value }
    if let running { return await running.value }
    let task = Task { await find() }
    running = task
    let value = await task.value
    last = (value, .now + lifetime)
    running = nil
    return value
  }
}
