import KittyShared

/// The calls of entries and comments.
extension EffectCall {
  static func loadEntries(_ group: ID, _ cursor: String) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let page = try await runner.api.call(
        Endpoints.entries, [group],
        query: [("limit", "\(PageRequest.limits.upperBound)"), ("cursor", cursor)])
      return .entries(group: group, after: cursor, page.items, next: page.next)
    }
  }

  static func searchComments(_ group: ID, _ question: CommentQuestion) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let found = try await runner.api.all(
        Endpoints.entries, [group], query: [("q", question.query)], limit: CommentQuestion.most)
      return .commentsSearched(
        group: group, question, found.count < CommentQuestion.most ? Set(found.map(\.id)) : nil)
    }
  }

  static func loadDeletedEntries(_ group: ID, _ cursor: String?) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let page = try await runner.api.call(
        Endpoints.entries, [group],
        query: [("deleted", "true"), ("limit", "\(PageRequest.limits.upperBound)")]
          + (cursor.map { [("cursor", $0)] } ?? []))
      return .deletedEntries(
        group: group, after: cursor, page.items.filter { $0.deletedAt != nil }, next: page.next)
    }
  }

  static func loadEntry(_ group: ID, _ entry: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .entry(try await runner.details(group, entry))
    }
  }

  static func loadPresent(_ group: ID, _ entry: ID?) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let details: EntryDetails? = if let entry { try await runner.details(group, entry) } else { nil }
      return .present(Present(data: try await runner.group(group), details: details))
    }
  }

  static func createExpense(_ group: ID, _ expense: NewExpense) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return try await runner.enter(Endpoints.createExpense, group, expense)
    }
  }

  static func changeExpense(
    _ group: ID, _ expense: ID, _ version: Int64, _ change: ExpenseChange
  ) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let changed = try await runner.api.call(
        Endpoints.changeExpense, [group, expense], body: change, ifMatch: version)
      return runner.entered(changed, group)
    }
  }

  static func createPayment(_ group: ID, _ payment: NewPayment) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return try await runner.enter(Endpoints.createPayment, group, payment)
    }
  }

  static func changePayment(
    _ group: ID, _ payment: ID, _ version: Int64, _ change: PaymentChange
  ) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let changed = try await runner.api.call(
        Endpoints.changePayment, [group, payment], body: change, ifMatch: version)
      return runner.entered(changed, group)
    }
  }

  static func createCount(_ group: ID, _ count: NewCount) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return try await runner.enter(Endpoints.createCount, group, count)
    }
  }

  static func createComment(_ group: ID, _ entry: ID, _ comment: NewComment) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      do throws(ClientFailure) {
        let _: Comment = try await runner.api.create(Endpoints.createComment, [group, entry], comment)
      } catch {
        guard error.isTaken else { throw error }
        throw .madeBefore("Your first version of the comment was saved. Press Enter to save this one too.")
      }
      return .commented
    }
  }

  static func deleteEntry(_ group: ID, _ entry: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(Endpoints.deleteEntry, [group, entry])
      return .entryDeleted(entry)
    }
  }

  static func restoreEntry(_ group: ID, _ entry: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let _: Entry = try await runner.api.call(Endpoints.restoreEntry, [group, entry])
      return .entryRestored(entry)
    }
  }
}

extension EffectRunner {
  /// Reads an entry with its history and comments.
  func details(_ group: ID, _ entry: ID) async throws(ClientFailure) -> EntryDetails {
    let loaded: Entry = try await api.call(Endpoints.entry, [group, entry])
    let history = try await api.pages {
      (cursor) throws(ClientFailure) -> (items: [Revision], next: String?) in
      let page: History = try await api.call(Endpoints.history, [group, entry], query: cursor)
      return (page.revisions, page.next)
    }
    let comments = try await api.all(Endpoints.comments, [group, entry], limit: 500)
    return EntryDetails(entry: loaded, history: history, comments: comments)
  }

  /// Creates an entry. If an earlier attempt created it with other content, the error says so.
  func enter<Input: Creation>(
    _ endpoint: Endpoint<Input, Entered>, _ group: ID, _ input: Input
  ) async throws(ClientFailure) -> Message {
    guard let id = input.id else { throw .unreadable("The entry has no id.") }
    do {
      return entered(try await api.create(endpoint, [group], input), group)
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
  }

  /// Posts the saved entry, so that the lists show it before they are read again.
  fileprivate func entered(_ entered: Entered, _ group: ID) -> Message {
    if case .entry(let entry) = entered { post(.message(.stored(group: group, entry))) }
    return .entered
  }
}
