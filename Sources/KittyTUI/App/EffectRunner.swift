import KittyShared
import Synchronization

/// Runs effects off the main thread and posts their messages. It uses the network and files, never the terminal.
final class EffectRunner: Sendable {
  let client: APIClient
  let tokens: TokenFile
  let drafts: any DraftStore
  let home: String
  /// `false` keeps users away from the files of the machine, in a session that gives them nothing but the client.
  let hasFiles: Bool
  let token: Mutex<String?>
  /// The groups that were read.
  let memory = Mutex(GroupMemory())
  /// The list of groups that was read last.
  let overview = Mutex(HomeMemory())
  /// The files of the user on this machine; `nil` without a user, or without files.
  let files: Mutex<UserData?>
  /// Returns the files of a user.
  let filesOf: @Sendable (_ user: String) -> UserData?
  private let tasks = Mutex<[Int: Task<Void, Never>]>([:])
  private let nextTask = Mutex(0)
  /// Posts events to the main thread, which draws once for all of them. May be called on any thread.
  private let postTogether: @Sendable ([AppState.Event]) -> Void

  /// The id of the requests of the present effect.
  @TaskLocal private static var requestID: String?
  /// The token of the environment, which the stored session does not belong to.
  let givenToken: String?

  /// - Parameters:
  ///   - authorities: Those that may sign the certificate of the server.
  ///   - token: The token of the stored session.
  ///   - givenToken: A token that is used instead, and not stored.
  ///   - drafts: The place of the drafts; by default a folder beside the session.
  ///   - user: The user of the stored session; `nil` without one.
  init(
    server: ServerAddress, authorities: Authorities = .system(), tokens: TokenFile,
    token: String?, givenToken: String? = nil, home: String,
    hasFiles: Bool = true, drafts: (any DraftStore)? = nil, user: String? = nil,
    filesOf: @escaping @Sendable (_ user: String) -> UserData? = { _ in nil }, log: DebugLog? = nil,
    post: @escaping @Sendable ([AppState.Event]) -> Void
  ) {
    var client = APIClient(server: server, authorities: authorities)
    client.log = log
    self.client = client
    self.tokens = tokens
    self.drafts = drafts ?? DraftFolder(path: tokens.drafts)
    self.token = Mutex(givenToken ?? token)
    self.givenToken = givenToken
    self.home = home
    self.hasFiles = hasFiles
    self.filesOf = filesOf
    files = Mutex(user.flatMap { filesOf($0) })
    postTogether = post
  }

  /// Starts an effect.
  func run(_ effect: Effect) {
    if effect == .cancel { return cancelAll() }
    if let work = effect.draftWork { drafts.add(work) }
    let number = nextTask.withLock { number in
      number += 1
      return number
    }
    tasks.withLock { tasks in
      tasks[number] = Task {
        let id = "\(ID(at: .now))"
        await Self.$requestID.withValue(id) {
          do throws(ClientFailure) {
            postTogether([.message(try await effect.call.run(self)), .finished(effect)])
          } catch {
            postTogether([
              .message(.sent(effect, id: id)), .message(.failed(effect, error)), .finished(effect),
            ])
          }
        }
        self.tasks.withLock { $0[number] = nil }
      }
    }
  }

  /// Posts an event to the main thread. May be called on any thread.
  @Sendable func post(_ event: AppState.Event) { postTogether([event]) }

  /// Waits until all drafts are in their files.
  func finishDrafts() {
    // A failure was reported when a draft was written the first time; now nothing can be shown any more.
    drafts.finishNow()
  }

  /// Cancels all running effects.
  func cancelAll() {
    tasks.withLock { tasks in
      for task in tasks.values { task.cancel() }
      tasks = [:]
    }
  }

  /// The API with the token of the session.
  var api: APIClient {
    var api = client
    api.token = token.withLock { $0 }
    api.requestID = Self.requestID
    return api
  }
}
