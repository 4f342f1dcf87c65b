import Synchronization

/// Thrown instead of a turn: too many tasks wait, or the wait took too long.
struct NoTurn: Error {}

/// Lets a few tasks of each key run at the same time. Further ones wait for their turn: a bounded number, for a bounded
/// time, in the order in which they came.
final class Turns<Key: Hashable & Sendable>: Sendable {
  private struct Waiter: Sendable {
    let id: Int
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Bool, Never>
  }

  /// The tasks of a key.
  private struct Line: Sendable {
    var running = 0
    var waiting: [Waiter] = []
  }

  private struct State: Sendable {
    var lines: [Key: Line] = [:]
    var nextID = 0
    /// `true` while a task ends the waits that take too long.
    var isWatched = false
  }

  private let each: Int
  private let waiting: Int
  private let patience: Duration
  private let state = Mutex(State())
  /// The number of tasks that did not get a turn.
  let refused = Counter()

  /// - Parameters:
  ///   - each: The number of tasks of a key that run at the same time.
  ///   - waiting: The number of tasks of a key that can wait.
  ///   - patience: The longest wait.
  init(each: Int, waiting: Int, patience: Duration = .seconds(10)) {
    self.each = each
    self.waiting = waiting
    self.patience = patience
  }

  /// The number of tasks of a key that run or wait.
  func count(of key: Key) -> Int {
    state.withLock { state in state.lines[key].map { $0.running + $0.waiting.count } ?? 0 }
  }

  /// Returns whether a further task of a key would get no turn. It counts as refused then.
  func refuses(_ key: Key) -> Bool {
    guard isFull(for: key) else { return false }
    refused.add()
    return true
  }

  /// `true` while a further task of a key would get no turn.
  func isFull(for key: Key) -> Bool {
    state.withLock { state in
      state.lines[key].map { $0.running >= each && $0.waiting.count >= waiting } ?? false
    }
  }

  /// Waits for a turn, and runs `body`.
  /// - Throws: `NoTurn`, `CancellationError`, or the error of `body`.
  func run<Value: Sendable>(for key: Key, _ body: () async throws -> Value) async throws -> Value {
    guard await enter(key) else {
      try Task.checkCancellation()
      refused.add()
      throw NoTurn()
    }
    defer { leave(key) }
    return try await body()
  }

  private func enter(_ key: Key) async -> Bool {
    let (id, isIn) = state.withLock { state in
      state.nextID += 1
      guard state.lines[key, default: Line()].running < each else { return (state.nextID, false) }
      state.lines[key, default: Line()].running += 1
      return (state.nextID, true)
    }
    if isIn { return true }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let outcome = state.withLock { state -> Bool? in
          var line = state.lines[key] ?? Line()
          // The handler below runs after the task is marked as cancelled, and then finds the waiter.
          if Task.isCancelled || line.waiting.count >= waiting && line.running >= each { return false }
          if line.running < each {
            line.running += 1
          } else {
            line.waiting.append(Waiter(id: id, deadline: .now + patience, continuation: continuation))
          }
          state.lines[key] = line
          return line.waiting.last?.id == id ? nil : true
        }
        if let outcome { continuation.resume(returning: outcome) } else { watch() }
      }
    } onCancel: {
      giveUp { $0.id == id }
    }
  }

  /// Hands the turn to the next task.
  private func leave(_ key: Key) {
    let next = state.withLock { state -> Waiter? in
      guard var line = state.lines[key] else { return nil }
      let next = line.waiting.isEmpty ? nil : line.waiting.removeFirst()
      if next == nil { line.running -= 1 }
      state.lines[key] = line.running == 0 ? nil : line
      return next
    }
    next?.continuation.resume(returning: true)
  }

  /// Ends the wait of some tasks.
  private func giveUp(_ isUnwanted: (Waiter) -> Bool) {
    let ended = state.withLock { state in
      var ended: [Waiter] = []
      for (key, line) in state.lines where line.waiting.contains(where: isUnwanted) {
        ended += line.waiting.filter(isUnwanted)
        state.lines[key]?.waiting.removeAll(where: isUnwanted)
      }
      return ended
    }
    for waiter in ended { waiter.continuation.resume(returning: false) }
  }

  /// Ends the waits that take too long, in one task for all of them, while there are any.
  private func watch() {
    let isFirst = state.withLock { state in
      defer { state.isWatched = true }
      return !state.isWatched
    }
    guard isFirst else { return }
    let pause = min(patience / 2, .seconds(1))
    Task { [self] in
      while true {
        // This task is never cancelled.
        try? await Task.sleep(for: pause)
        let now = ContinuousClock.now
        giveUp { $0.deadline < now }
        let isDone = state.withLock { state in
          state.isWatched = state.lines.values.contains { !$0.waiting.isEmpty }
          return !state.isWatched
        }
        if isDone { return }
      }
    }
  }
}
