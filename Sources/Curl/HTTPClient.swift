import CCurl
import Foundation

/// An HTTP client over libcurl. One thread runs all transfers of a client, and keeps connections open for the next
/// ones. Redirects are not followed.
package final class HTTPClient: @unchecked Sendable {
  // Unchecked: `state` is only touched with `lock` held, and only the thread uses transfers and `multi`. Other threads
  // call curl_multi_wakeup, which libcurl allows.
  private let lock = NSLock()
  private var state = State()
  private let multi: OpaquePointer?
  private let responseLimit: Int
  private let authorities: CertificateAuthorities

  private struct State {
    var nextID = 0
    var starting: [(id: Int, transfer: CurlTransfer)] = []
    var cancelled: Set<Int> = []
    var isRunning = false
    var isClosed = false
  }

  /// - Parameters:
  ///   - responseLimit: Size limit of a response in bytes.
  ///   - authorities: Those that may sign the certificate of a server.
  package init(responseLimit: Int = 16 << 20, authorities: CertificateAuthorities = .system()) {
    self.responseLimit = responseLimit
    self.authorities = authorities
    multi = curl_multi_init().map { OpaquePointer($0) }
  }

  deinit { if let multi { curl_multi_cleanup(UnsafeMutableRawPointer(multi)) } }

  /// Sends a request and waits for the response, of any status. Cancelling the task ends the transfer.
  /// - Throws: `HTTPFailure` when no response came.
  package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    let id = lock.withLock {
      state.nextID += 1
      return state.nextID
    }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in start(request, id: id, continuation) }
    } onCancel: {
      lock.withLock { _ = state.cancelled.insert(id) }
      wake()
    }
    lock.withLock { _ = state.cancelled.remove(id) }
    return try outcome.get()
  }

  /// Cancels all transfers.
  package func close() {
    lock.withLock { state.isClosed = true }
    wake()
  }

  private func start(
    _ request: HTTPRequest, id: Int,
    _ continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>
  ) {
    do throws(HTTPFailure) {
      let transfer = try CurlTransfer(
        request, limit: responseLimit, authorities: authorities, continuation: continuation)
      lock.lock()
      guard !state.isClosed, multi != nil else {
        lock.unlock()
        return continuation.resume(returning: .failure(.cancelled))
      }
      state.starting.append((id, transfer))
      let needsThread = !state.isRunning
      state.isRunning = true
      lock.unlock()
      // The thread keeps the client alive as long as a transfer runs.
      if needsThread { Thread.detachNewThread { [self] in run() } } else { wake() }
    } catch {
      continuation.resume(returning: .failure(error))
    }
  }

  private func wake() { if let multi { curl_multi_wakeup(UnsafeMutableRawPointer(multi)) } }

  private func run() {
    guard let multi = multi.map({ UnsafeMutableRawPointer($0) }) else { return }
    var running: [Int: CurlTransfer] = [:]
    while true {
      lock.lock()
      let (starting, cancelled, isClosed) = (state.starting, state.cancelled, state.isClosed)
      state.starting = []
      if starting.isEmpty && running.isEmpty {
        state.isRunning = false
        lock.unlock()
        return
      }
      lock.unlock()
      for (id, transfer) in starting {
        running[id] = transfer
        curl_multi_add_handle(multi, transfer.handle)
      }
      for (id, transfer) in running where isClosed || cancelled.contains(id) {
        finish(transfer, .failure(.cancelled), multi)
        running[id] = nil
      }
      var count: Int32 = 0
      curl_multi_perform(multi, &count)
      var code = CURLE_OK
      while let handle = kitty_curl_next_done(multi, &code) {
        guard let (id, transfer) = running.first(where: { $0.value.handle == handle }) else { continue }
        finish(transfer, transfer.outcome(code), multi)
        running[id] = nil
      }
      if !running.isEmpty { curl_multi_poll(multi, nil, 0, 1000, nil) }
    }
  }

  private func finish(
    _ transfer: CurlTransfer, _ outcome: Result<HTTPResponse, HTTPFailure>, _ multi: UnsafeMutableRawPointer
  ) {
    curl_multi_remove_handle(multi, transfer.handle)
    transfer.continuation.resume(returning: outcome)
  }
}
