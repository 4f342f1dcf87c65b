import KittyShared

extension EffectRunner {
  /// Reads the data of a group's screen. When the group was read before, one small request shows if anything changed,
  /// and only the changes are read.
  func group(_ id: ID) async throws(ClientFailure) -> GroupData {
    let known = known(id)
    let data: GroupData
    do throws(ClientFailure) {
      if let known, let newer = try await newer(than: known) {
        data = newer
      } else {
        data = try await wholeGroup(id)
      }
    } catch {
      if case .problem(let problem) = error, [403, 404].contains(problem.status) {
        // The user may not read it any more.
        memory.withLock { $0.drop(id) }
        files.withLock { $0 }?.cache?.remove(id)
      }
      throw error
    }
    memory.withLock { $0.keep(data, at: .now) }
    if data.sequence != known?.sequence { files.withLock { $0 }?.cache?.keep(CachedGroup(data, at: .now)) }
    return data
  }

  /// Returns the group as it was read last, and posts it: a screen without data shows it until the server answers.
  private func known(_ id: ID) -> GroupData? {
    var known = memory.withLock { $0[id] }
    if known == nil, let cached = files.withLock({ $0 })?.cache?.group(id) {
      known = (cached.data, cached.savedAt)
    }
    guard let known else { return nil }
    post(.message(.cachedGroup(known.data, at: known.readAt)))
    return known.data
  }

  /// Reads the changes of a group since it was read.
  /// - Returns: `nil` when the whole group must be read: the changes are too many, or not known to the server.
  private func newer(than known: GroupData) async throws(ClientFailure) -> GroupData? {
    let (id, since) = (known.group.id, known.sequence)
    // First of all: what is read afterwards has at least the changes up to this sequence.
    let group: Group = try await api.call(Endpoints.group, [id])
    memory.withLock { $0.note(group) }
    if group.sequence == since {
      var same = known
      (same.group, same.changes) = (group, nil)
      return same
    }
    guard group.sequence > since else { return nil }
    let api = api
    let query = [("since", "\(since)"), ("limit", "\(PageRequest.limits.upperBound)")]
    async let members = Self.result { () throws(ClientFailure) -> Page<Member> in
      try await api.call(Endpoints.members, [id], query: query)
    }
    async let balances = Self.result { () throws(ClientFailure) -> Balances in
      try await api.call(Endpoints.balances, [id])
    }
    async let entries = Self.result { () throws(ClientFailure) -> Page<Entry> in
      try await api.call(Endpoints.entries, [id], query: query)
    }
    async let categories = Self.result { () throws(ClientFailure) -> Page<Category> in
      try await Self.ofOlderServer(Page(items: [], next: nil)) { () throws(ClientFailure) in
        try await api.call(Endpoints.categories, [id], query: query)
      }
    }
    async let rules = Self.result { () throws(ClientFailure) -> Page<Recurring> in
      try await Self.ofOlderServer(Page(items: [], next: nil)) { () throws(ClientFailure) in
        try await api.call(Endpoints.recurring, [id], query: query)
      }
    }
    let (changedMembers, changedEntries) = (await members, await entries)
    let (changedCategories, changedRules) = (await categories, await rules)
    let nets = try await balances.get().balances
    do throws(ClientFailure) {
      let (members, entries) = (try changedMembers.get(), try changedEntries.get())
      let (categories, rules) = (try changedCategories.get(), try changedRules.get())
      guard members.next == nil, entries.next == nil, categories.next == nil, rules.next == nil else {
        return nil
      }
      var newer = GroupData(
        group: group, members: known.members(with: members.items), balances: nets, entries: [])
      newer.categories = known.categories(with: categories.items)
      newer.rules = known.rules(with: rules.items)
      newer.sequence = group.sequence
      newer.changes = GroupChanges(since: since, entries: entries.items)
      return known.merged(newer)
    } catch {
      // An import replaced the group.
      if case .problem(let problem) = error, problem.code == "start_anew" { return nil }
      throw error
    }
  }

  private func wholeGroup(_ id: ID) async throws(ClientFailure) -> GroupData {
    let api = api
    // Everything is read at the same time, so the answers may differ in their sequence. All of them have at least the
    // changes up to the sequence that was known before; without one the group must be read first.
    var sequence = memory.withLock { $0.sequence(of: id) }
    var first: Group?
    if sequence == 0 {
      let group: Group = try await api.call(Endpoints.group, [id])
      (first, sequence) = (group, group.sequence)
    }
    async let group = Self.result { [first] () throws(ClientFailure) -> Group in
      if let first { return first }
      return try await api.call(Endpoints.group, [id])
    }
    async let members = Self.result { () throws(ClientFailure) -> [Member] in
      try await api.all(Endpoints.members, [id], query: [("removed", "true")], limit: 2000)
    }
    async let categories = Self.result { () throws(ClientFailure) -> [Category] in
      try await Self.ofOlderServer([]) { () throws(ClientFailure) in
        try await api.all(
          Endpoints.categories, [id], query: [("removed", "true")], limit: Category.maxEver)
      }
    }
    async let balances = Self.result { () throws(ClientFailure) -> Balances in
      try await api.call(Endpoints.balances, [id])
    }
    async let entries = Self.result { () throws(ClientFailure) -> Page<Entry> in
      try await api.call(Endpoints.entries, [id], query: [("limit", "\(PageRequest.limits.upperBound)")])
    }
    async let rules = Self.result { () throws(ClientFailure) -> [Recurring] in
      try await Self.ofOlderServer([]) { () throws(ClientFailure) in
        try await api.all(Endpoints.recurring, [id], limit: Recurring.maxPresent)
      }
    }
    let page = try await entries.get()
    var data = GroupData(
      group: try await group.get(), members: try await members.get(),
      balances: try await balances.get().balances, entries: page.items, next: page.next)
    data.categories = try await categories.get()
    data.rules = try await rules.get()
    data.sequence = sequence
    return data
  }

  /// Returns what `read` returns, or `other` from a server that does not have the route yet, such as one that is being
  /// replaced. A group that is gone is noticed by the other readings.
  private static func ofOlderServer<Value: Sendable>(
    _ other: Value, _ read: @Sendable () async throws(ClientFailure) -> Value
  ) async throws(ClientFailure) -> Value {
    do throws(ClientFailure) {
      return try await read()
    } catch {
      if case .problem(let problem) = error, problem.status == 404 { return other }
      throw error
    }
  }

  static func result<Value: Sendable>(
    _ body: @Sendable () async throws(ClientFailure) -> Value
  ) async -> Result<Value, ClientFailure> {
    do throws(ClientFailure) { return .success(try await body()) } catch { return .failure(error) }
  }
}
