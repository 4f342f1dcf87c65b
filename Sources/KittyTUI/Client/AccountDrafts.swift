import Dispatch
import FoundationEssentials
import KittyShared
import Synchronization

/// The drafts of a session over ssh: with the account on the server, so that they are offered at the next sign-in, from any
/// machine.
final class AccountDrafts: DraftStore {
  private let api: APIClient
  private let waiting = Mutex<[DraftFolder.Work]>([])
  /// The work that was begun last: the latest text of a draft must be the last one written.
  private let last = Mutex<Task<PrivateFile.Unsafe?, Never>?>(nil)

  /// The time at which the program ends, once it is about to.
  private let end = Mutex<DispatchTime?>(nil)

  private static let prefix = "draft."
  /// The time that a hang-up leaves.
  private static let patience: DispatchTimeInterval = .milliseconds(900)

  init(api: APIClient) { self.api = api }

  func add(_ work: DraftFolder.Work) { waiting.withLock { $0.append(work) } }

  func finish() async throws(PrivateFile.Unsafe) {
    if let failure = await begin().value { throw failure }
  }

  func finishNow() {
    // One time for all calls of a hang-up.
    let limit = end.withLock { end in
      let limit = end ?? .now() + Self.patience
      end = limit
      return limit
    }
    let done = DispatchSemaphore(value: 0)
    let task = begin()
    Task.detached {
      _ = await task.value
      done.signal()
    }
    _ = done.wait(timeout: limit)
  }

  private func begin() -> Task<PrivateFile.Unsafe?, Never> {
    last.withLock { last in
      let before = last
      let task = Task.detached { [self] in
        _ = await before?.value
        return await work()
      }
      last = task
      return task
    }
  }

  private func work() async -> PrivateFile.Unsafe? {
    let works = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    var failure: PrivateFile.Unsafe?
    var failed: [DraftFolder.Work] = []
    for work in works {
      do {
        switch work {
        case .keep(let draft, let file): try await write(draft, to: file)
        case .drop(let file): try await remove(file)
        }
      } catch {
        let why = (error as? ClientFailure)?.message ?? "\(error)"
        failed.append(work)
        failure = PrivateFile.Unsafe(
          description: "\(why) What you type is lost when this program ends before it is kept.")
      }
    }
    keep(failed)
    return failure
  }

  /// Puts work back that was not done, for the next time. Later work on the same draft replaces it.
  private func keep(_ failed: [DraftFolder.Work]) {
    guard !failed.isEmpty else { return }
    waiting.withLock { waiting in
      let later = Set(waiting.map(\.file))
      waiting =
        failed.enumerated().filter { index, work in
          !later.contains(work.file) && !failed[(index + 1)...].contains { $0.file == work.file }
        }.map(\.element) + waiting
    }
  }

  private func write(_ draft: Draft, to file: ID) async throws {
    let page = DraftFolder.Page(savedAt: .now, draft: draft)
    let content = String(decoding: try JSON.bytes(of: page), as: UTF8.self)
    let _: AccountFile = try await api.call(
      Endpoints.writeAccountFile, ["\(Self.prefix)\(file)"],
      body: try NewAccountFile(content: content).checked())
  }

  private func remove(_ file: ID) async throws {
    do { try await api.call(Endpoints.removeAccountFile, ["\(Self.prefix)\(file)"]) } catch {
      // It was not written before.
      if case .problem(let problem) = error, problem.status == 404 { return }
      throw error
    }
  }

  func read() async -> DraftFolder.Content {
    var content = DraftFolder.Content()
    // Without an answer nothing is offered now; the drafts stay.
    guard let files = try? await api.all(Endpoints.accountFiles, limit: 1000) else { return content }
    let names = files.filter { $0.name.hasPrefix(Self.prefix) && !$0.inUse }
    for name in names.sorted(by: { $0.savedAt.milliseconds > $1.savedAt.milliseconds }).prefix(
      DraftFolder.most)
    {
      guard let id = ID(String(name.name.dropFirst(Self.prefix.count))) else { continue }
      let file: AccountFile
      do { file = try await api.call(Endpoints.accountFile, [name.name]) } catch { continue }
      do {
        let page = try JSON.decode(DraftFolder.Page.self, from: Data((file.content ?? "").utf8))
        content.drafts.append(.init(file: id, savedAt: page.savedAt, draft: page.draft))
      } catch {
        content.unreadable += 1
      }
    }
    return content
  }
}
