import Dispatch
import Synchronization

/// Runs tasks on threads of its own, instead of those that all other tasks share: a task that computes for long without
/// a pause holds up none of them.
package final class ThreadExecutor: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    /// The index of the next job; the jobs before it were taken.
    var next = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Counts the jobs, and at the end one for each thread.
  private let signals = DispatchSemaphore(value: 0)
  private let threads: Int

  package init(threads: Int) {
    self.threads = threads
    // A queue has a thread of its own while it runs. Foundation's threads would bring all of Foundation into programs
    // that need none of it.
    for number in 0..<threads { DispatchQueue(label: "computations \(number)").async { [self] in work() } }
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isClosed = state.withLock { state in
      if !state.isClosed { state.jobs.append(job) }
      return state.isClosed
    }
    // A task that is left at the end of the program must end all the same.
    if isClosed { job.runSynchronously(on: asUnownedTaskExecutor()) } else { signals.signal() }
  }

  /// Ends the threads, once all jobs are done.
  package func close() {
    state.withLock { $0.isClosed = true }
    for _ in 0..<threads { signals.signal() }
  }

  private func work() {
    while true {
      signals.wait()
      guard let job = take() else { return }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  private func take() -> UnownedJob? {
    state.withLock { state in
      guard state.next < state.jobs.count else { return nil }
      defer {
        state.next += 1
        if state.next == state.jobs.count { (state.jobs, state.next) = ([], 0) }
      }
      return state.jobs[state.next]
    }
  }
}
