import KittyShared

extension Effect {
  /// The calls of entries and comments.
  var entryCall: EffectCall? {
    switch self {
    case .loadEntries(let group, let cursor):
      .read { (runner) throws(ClientFailure) in
        let page = try await runner.api.call(
          Endpoints.entries, [group],
          query: [("limit", "\(PageRequest.limits.upperBound)"), ("cursor", cursor)])
        return .entries(group: group, after: cursor, page.items, next: page.next)
      }
    case .loadEntry(let group, let entry):
      .read { (runner) throws(ClientFailure) in
        let loaded: Entry = try await runner.api.call(Endpoints.entry, [group, entry])
        let history: History = try await runner.api.call(Endpoints.history, [group, entry])
        let comments = try await runner.api.all(Endpoints.comments, [group, entry], limit: 500)
        return .entry(EntryDetails(entry: loaded, history: history.revisions, comments: comments))
      }
    case .createExpense(let group, let expense):
      .write { (runner) throws(ClientFailure) in
        return try await runner.enter(Endpoints.createExpense, group, expense)
      }
    case .changeExpense(let group, let expense, let version, let change):
      .write { (runner) throws(ClientFailure) in
        let _: Entered = try await runner.api.call(
          Endpoints.changeExpense, [group, expense], body: change, ifMatch: version)
        return .entered
      }
    case .createPayment(let group, let payment):
      .write { (runner) throws(ClientFailure) in
        return try await runner.enter(Endpoints.createPayment, group, payment)
      }
    case .changePayment(let group, let payment, let version, let change):
      .write { (runner) throws(ClientFailure) in
        let _: Entered = try await runner.api.call(
          Endpoints.changePayment, [group, payment], body: change, ifMatch: version)
        return .entered
      }
    case .createCount(let group, let count):
      .write { (runner) throws(ClientFailure) in
        return try await runner.enter(Endpoints.createCount, group, count)
      }
    case .createComment(let group, let entry, let comment):
      .write { (runner) throws(ClientFailure) in
        do throws(ClientFailure) {
          let _: Comment = try await runner.api.create(Endpoints.createComment, [group, entry], comment)
        } catch {
          guard error.isTaken else { throw error }
          throw .madeBefore("Your first version of the comment was saved. Press Enter to save this one too.")
        }
        return .commented
      }
    case .deleteEntry(let group, let entry):
      .write { (runner) throws(ClientFailure) in
        try await runner.api.call(Endpoints.deleteEntry, [group, entry])
        return .entryDeleted(entry)
      }
    case .restoreEntry(let group, let entry):
      .write { (runner) throws(ClientFailure) in
        let _: Entry = try await runner.api.call(Endpoints.restoreEntry, [group, entry])
        return .entryRestored(entry)
      }
    default: nil
    }
  }
}

extension EffectRunner {
  /// Creates an entry. If an earlier attempt created it with other content, the error says so.
  func enter<Input: Creation>(
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
}
