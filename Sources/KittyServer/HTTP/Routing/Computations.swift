import Hummingbird
import KittyShared
import NIOCore
import POSIX

/// Runs what walks a whole group, such as an export or a settlement: on threads of its own, so that other requests do not
/// wait for it; one at a time for each user; and only as long as its client is connected.
struct Computations: Sendable {
  private let threads: ThreadExecutor
  private let turns: Turns<Consumer>
  /// An import needs several times the memory of its file.
  private let imports = Turns<Bool>(each: 1, waiting: 8, patience: .seconds(60))
  /// The number of requests that did not get their turn.
  var refused: Int { turns.refused.value + imports.refused.value }

  /// - Parameter patience: The longest wait for the user's turn.
  init(threads: Int, patience: Duration = .seconds(10)) {
    self.threads = ThreadExecutor(threads: threads)
    turns = Turns(each: 1, waiting: 64, patience: patience)
  }

  /// Runs `body` when it is the user's turn, and cancels it when the client goes away.
  /// - Throws: `Rejection` when the user's other computations take too long, or the error of `body`.
  func run<Value: Sendable>(for call: Call, _ body: @escaping @Sendable () async throws -> Value) async throws
    -> Value
  {
    let consumer = call.consumer
    return try await runAtOnce(for: call) {
      do { return try await turns.run(for: consumer, body) } catch is NoTurn {
        throw Rejection.tooManyAtOnce("long requests are being made by you", retryAfter: 5)
      }
    }
  }

  /// Like `run`, for an import, of which one runs at a time. The places of the files let each user have only one.
  func runImport<Value: Sendable>(
    for call: Call, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let imports = imports
    return try await runAtOnce(for: call) {
      do { return try await imports.run(for: true, body) } catch is NoTurn {
        throw Rejection.unavailable(
          "Too many group files are being imported. Nothing was changed; try again in a minute.",
          retryAfter: 60)
      }
    }
  }

  private func runAtOnce<Value: Sendable>(
    for call: Call, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let caller = DatabaseCaller(
      user: call.principal?.user, group: call.context.authorization.membership?.group, isLong: true)
    let work = DatabaseCaller.$current.withValue(caller) {
      Task(executorPreference: threads) {
        // A task that waited for a thread may be unwanted by now.
        try Task.checkCancellation()
        return try await body()
      }
    }
    DisconnectHandler.set({ work.cancel() }, on: call.context.channel)
    defer { DisconnectHandler.set(nil, on: call.context.channel) }
    do {
      return try await withTaskCancellationHandler {
        try await work.value
      } onCancel: {
        work.cancel()
      }
    } catch  where work.isCancelled && !Task.isCancelled {
      // The reason does not matter, because no client reads the response.
      throw ChannelError.inputClosed
    }
  }

  /// Ends the threads.
  func close() { threads.close() }
}
