import Curl
import FoundationEssentials
import KittyShared
import Synchronization

/// Runs effects off the main thread and posts their messages. It uses the network and files, never the terminal.
final class EffectRunner: Sendable {
  private let server: ServerAddress
  private let http = HTTPClient()
  private let tokens: TokenFile
  private let home: String
  private let token: Mutex<String?>
  private let tasks = Mutex<[Int: Task<Void, Never>]>([:])
  private let nextTask = Mutex(0)
  /// Posts an event to the main thread. May be called on any thread.
  private let post: @Sendable (AppState.Event) -> Void

  init(
    server: ServerAddress, tokens: TokenFile, token: String?, home: String,
    post: @escaping @Sendable (AppState.Event) -> Void
  ) {
    self.server = server
    self.tokens = tokens
    self.token = Mutex(token)
    self.home = home
    self.post = post
  }

  /// Starts an effect.
  func run(_ effect: Effect) {
    if effect == .cancel { return cancelAll() }
    let number = nextTask.withLock { number in
      number += 1
      return number
    }
    tasks.withLock { tasks in
      tasks[number] = Task {
        do throws(ClientFailure) {
          post(.message(try await perform(effect)))
        } catch {
          post(.message(.failed(effect, error)))
        }
        post(.finished(effect))
        self.tasks.withLock { $0[number] = nil }
      }
    }
  }

  /// Cancels all running effects.
  func cancelAll() {
    tasks.withLock { tasks in
      for task in tasks.values { task.cancel() }
      tasks = [:]
    }
  }

  private var api: APIClient { APIClient(server: server, http: http, token: token.withLock { $0 }) }

  private func perform(_ effect: Effect) async throws(ClientFailure) -> Message {
    switch effect {
    case .signIn(let name, let password, let code): return try await signIn(name, password, code)
    case .signUp(let name, let password):
      let _: User = try await api.call(Endpoints.signUp, body: NewUser(name: name, password: password))
      return try await signIn(name, password)
    case .signOut:
      try await api.call(Endpoints.signOut)
      token.withLock { $0 = nil }
      tokens.remove()
      return .signedOut
    case .loadGroups(let filter):
      return .groups(
        try await api.all(
          Endpoints.groups,
          query: [("archived", "\(filter == .archived)"), ("deleted", "\(filter == .deleted)")], limit: 2000))
    case .loadGroup(let id): return .group(try await group(id))
    case .loadEntries(let group, let cursor):
      let page = try await api.call(
        Endpoints.entries, [group],
        query: [("limit", "\(PageRequest.limits.upperBound)"), ("cursor", cursor)])
      return .entries(group: group, after: cursor, page.items, next: page.next)
    case .createGroup(let group):
      return .groupChanged(try await create(group))
    case .changeGroup(let id, let version, let change):
      return .groupChanged(
        try await api.call(Endpoints.changeGroup, [id], body: change, ifMatch: version))
    case .deleteGroup(let id, let force):
      try await api.call(Endpoints.deleteGroup, [id], query: [("force", "\(force)")])
      return .groupDeleted(id)
    case .restoreGroup(let id):
      let _: Group = try await api.call(Endpoints.restoreGroup, [id])
      return .groupRestored(id)
    case .changeMember(let group, let member, let version, let change):
      return .memberChanged(
        group: group,
        try await api.call(Endpoints.changeMember, [group, member], body: change, ifMatch: version))
    case .addMember(let group, let member):
      return .memberAdded(group: group, try await add(member, to: group))
    case .removeMember(let group, let member):
      try await api.call(Endpoints.removeMember, [group, member])
      return .memberRemoved
    case .lookUpInvite(let code):
      return .invitation(code, try await api.call(Endpoints.lookUpInvite, body: code, isChange: false))
    case .acceptInvite(let code):
      return .joined(try await api.call(Endpoints.acceptInvite, body: code))
    case .loadInvites(let group):
      return .invites(group: group, try await api.all(Endpoints.invites, [group], limit: 1000))
    case .createInvite(let group, let invite):
      do {
        return .inviteMade(group: group, try await api.create(Endpoints.createInvite, [group], invite))
      } catch {
        guard error.isTaken else { throw error }
        throw .madeBefore(
          "Your first version of the invite was created and is in the list. Press Enter to create this one too."
        )
      }
    case .revokeInvite(let group, let invite):
      try await api.call(Endpoints.revokeInvite, [group, invite])
      return .inviteRevoked(group: group, invite)
    case .createExpense(let group, let expense):
      return try await enter(Endpoints.createExpense, group, expense)
    case .createPayment(let group, let payment):
      return try await enter(Endpoints.createPayment, group, payment)
    case .createCount(let group, let count): return try await enter(Endpoints.createCount, group, count)
    case .changeExpense(let group, let expense, let version, let change):
      let _: Entered = try await api.call(
        Endpoints.changeExpense, [group, expense], body: change, ifMatch: version)
      return .entered
    case .changePayment(let group, let payment, let version, let change):
      let _: Entered = try await api.call(
        Endpoints.changePayment, [group, payment], body: change, ifMatch: version)
      return .entered
    case .createComment(let group, let entry, let comment):
      do {
        let _: Comment = try await api.create(Endpoints.createComment, [group, entry], comment)
      } catch {
        guard error.isTaken else { throw error }
        throw .madeBefore("Your first version of the comment was saved. Press Enter to save this one too.")
      }
      return .commented
    case .restoreEntry(let group, let entry):
      let _: Entry = try await api.call(Endpoints.restoreEntry, [group, entry])
      return .entryRestored(entry)
    case .loadEntry(let group, let entry):
      let loaded: Entry = try await api.call(Endpoints.entry, [group, entry])
      let history: History = try await api.call(Endpoints.history, [group, entry])
      let comments = try await api.all(Endpoints.comments, [group, entry], limit: 500)
      return .entry(EntryDetails(entry: loaded, history: history.revisions, comments: comments))
    case .loadDebts(let group):
      let debts: Debts = try await api.call(Endpoints.debts, [group])
      return .debts(group: group, debts.debts)
    case .loadBalances(let group, let day):
      let balances: Balances = try await api.call(
        Endpoints.balances, [group], query: [("at", day.description)])
      return .balances(group: group, at: day, balances.balances)
    case .loadStatement(let group, let account, let currency, let cursor):
      return .statement(
        effect,
        try await api.call(
          Endpoints.statement, [group, account],
          query: [("limit", "\(PageRequest.limits.upperBound)")]
            + (currency.map { [("currency", $0.code)] } ?? []) + (cursor.map { [("cursor", $0)] } ?? [])))
    case .loadKitty(let group):
      return .kitty(group: group, try await api.call(Endpoints.kitty, [group]))
    case .setTargets(let group, let change):
      let _: Kitty = try await api.call(Endpoints.setTargets, [group], body: change)
      return .targetsSet
    case .loadPlan(let group, let centre):
      return .plan(
        group: group,
        try await api.call(
          Endpoints.settlement, [group], query: centre.map { [("centre", "\($0)")] } ?? []))
    case .deleteEntry(let group, let entry):
      try await api.call(Endpoints.deleteEntry, [group, entry])
      return .entryDeleted(entry)
    case .loadPreview(let target): return .preview(target, try await preview(target))
    case .upload(let target, let path): return try await upload(target, path)
    case .complete(let path): return .completions(PhotoFile.completions(of: path, home: home))
    case .cancel, .quit: throw .cancelled
    }
  }

  private func signIn(
    _ name: String, _ password: String, _ code: String? = nil
  ) async throws(ClientFailure) -> Message {
    var anonymous = api
    anonymous.token = nil
    let session: Session = try await anonymous.call(
      Endpoints.signIn, body: NewSession(name: name, password: password, code: code, device: Self.device))
    token.withLock { $0 = session.token }
    do {
      try tokens.write(.init(server: server.url, name: session.user.name, token: session.token))
    } catch {
      post(.message(.refused("\(error)")))
    }
    return .signedIn(name: session.user.name)
  }

  /// The name of this session in the list of sessions.
  private static var device: String? {
    OpenSession.device(from: "kittycash on \(ProcessInfo.processInfo.hostName)")
  }

  private func enter<Input: Creation>(
    _ endpoint: Endpoint<Input, Entered>, _ group: ID, _ input: Input
  ) async throws(ClientFailure) -> Message {
    guard let id = input.id else { throw .unreadable("The entry has no id.") }
    do {
      let _: Entered = try await api.create(endpoint, [group], input)
    } catch {
      // An earlier attempt with other content succeeded.
      guard error.isTaken else { throw error }
      let stored: Entry = try await api.call(Endpoints.entry, [group, id])
      guard stored.deletedAt == nil else {
        throw .madeBefore(
          "Your first version was saved and has been deleted since. Save again to enter this one.")
      }
      guard stored.kind != .count else {
        let counted = Amount(stored.counted ?? 0, stored.currency)
        throw .madeBefore("Your first count was saved: \(counted). Save again to enter this one after it.")
      }
      throw .savedBefore(stored)
    }
    post(.message(.wrote(id)))
    return .entered
  }

  /// Creates a group. If an earlier attempt created it with another name, the group is renamed.
  private func create(_ group: NewGroup) async throws(ClientFailure) -> Group {
    do {
      return try await api.create(Endpoints.createGroup, [], group)
    } catch {
      guard error.isTaken, let id = group.id else { throw error }
      let stored: Group = try await api.call(Endpoints.group, [id])
      if stored.currency == group.currency, stored.name == group.name { return stored }
      guard stored.currency == group.currency, stored.version == 1 else {
        throw .madeBefore(
          "Your first version was saved: \"\(stored.name)\", in \(stored.currency.code). Save again to create this group too."
        )
      }
      return try await api.call(
        Endpoints.changeGroup, [id], body: GroupChange(name: group.name), ifMatch: stored.version)
    }
  }

  /// Adds a member. If an earlier attempt added the member with another name, the member is renamed.
  private func add(_ member: NewMember, to group: ID) async throws(ClientFailure) -> Member {
    do {
      return try await api.create(Endpoints.addMember, [group], member)
    } catch {
      guard error.isTaken, let id = member.id else { throw error }
      let stored: Member = try await api.call(Endpoints.member, [group, id])
      if stored.name == member.name, stored.removedAt == nil { return stored }
      guard stored.version == 1, stored.removedAt == nil else {
        throw .madeBefore(
          "Your first version was saved: \"\(stored.name)\". Save again to add this one too.")
      }
      return try await api.call(
        Endpoints.changeMember, [group, id], body: MemberChange(name: member.name, weight: member.weight),
        ifMatch: stored.version)
    }
  }

  private func group(_ id: ID) async throws(ClientFailure) -> GroupData {
    // Four requests at the same time.
    let api = api
    async let group = Self.result { () throws(ClientFailure) -> Group in
      try await api.call(Endpoints.group, [id])
    }
    async let members = Self.result { () throws(ClientFailure) -> [Member] in
      try await api.all(Endpoints.members, [id], query: [("removed", "true")], limit: 2000)
    }
    async let balances = Self.result { () throws(ClientFailure) -> Balances in
      try await api.call(Endpoints.balances, [id])
    }
    async let entries = Self.result { () throws(ClientFailure) -> Page<Entry> in
      try await api.call(Endpoints.entries, [id], query: [("limit", "200")])
    }
    let page = try await entries.get()
    return GroupData(
      group: try await group.get(), members: try await members.get(),
      balances: try await balances.get().balances,
      entries: page.items, next: page.next)
  }

  private static func result<Value: Sendable>(
    _ body: @Sendable () async throws(ClientFailure) -> Value
  ) async -> Result<Value, ClientFailure> {
    do throws(ClientFailure) { return .success(try await body()) } catch { return .failure(error) }
  }

  private func preview(_ target: PhotoTarget) async throws(ClientFailure) -> Preview? {
    do throws(ClientFailure) {
      let bytes: [UInt8]
      switch target {
      case .group(let id):
        bytes = try await api.download(Endpoints.groupPhoto, [id], query: [("size", "preview")])
      case .me: bytes = try await api.download(Endpoints.myPhoto, [], query: [("size", "preview")])
      }
      guard let preview = Preview(ppm: bytes) else {
        throw .unreadable("The server sent a photo that this client cannot draw.")
      }
      return preview
    } catch {
      if case .problem(let problem) = error, problem.status == 404 { return nil }
      throw error
    }
  }

  private func upload(_ target: PhotoTarget, _ path: String) async throws(ClientFailure) -> Message {
    let file: PhotoFile
    do { file = try PhotoFile(path: path, home: home) } catch { return .refused("\(error)") }
    let post = post
    let onProgress: @Sendable (Int64, Int64) -> Void = { post(.message(.progress(sent: $0, total: $1))) }
    let photo: Photo
    switch target {
    case .group(let id):
      photo = try await api.upload(Endpoints.setGroupPhoto, [id], file: file.path, onProgress: onProgress)
    case .me: photo = try await api.upload(Endpoints.setMyPhoto, [], file: file.path, onProgress: onProgress)
    }
    return .uploaded(target, photo)
  }
}

extension ClientFailure {
  /// `true` when the id was used before with other content: an earlier attempt succeeded.
  fileprivate var isTaken: Bool {
    if case .problem(let problem) = self { return ["id_taken", "key_reused"].contains(problem.code) }
    return false
  }
}
