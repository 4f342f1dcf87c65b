import KittyShared

/// The calls of the list of groups.
extension EffectCall {
  static func loadDigests(_ groups: [Group], _ month: Day) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      var digests: [GroupDigest] = []
      // One group after the other: the list does not need them at once.
      for group in groups {
        do throws(ClientFailure) {
          digests.append(try await runner.digest(group, month))
        } catch {
          // The user has just been removed from the group: the next list is without it.
          guard case .problem(let problem) = error, [403, 404].contains(problem.status) else { throw error }
        }
      }
      runner.keepHome(digests)
      return .digests(digests)
    }
  }

  static func noteSeen(_ group: ID, _ sequence: Int64) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      await runner.files.withLock { $0 }?.seen.note([group: sequence])
      runner.forgetNews(of: group, upTo: sequence)
      return .seen(group: group, sequence: sequence)
    }
  }
}

extension EffectRunner {
  /// The pages of a month that are read. A group with more entries has no month in the list.
  private static let monthPages = 3
  /// The changes that are counted.
  private static let newsLimit = 20

  fileprivate func digest(_ group: Group, _ month: Day) async throws(ClientFailure) -> GroupDigest {
    let seen = files.withLock { $0 }?.seen
    // What is in a group when it is listed for the first time is not new.
    let since = await seen?.read()[group.id] ?? group.sequence
    await seen?.note([group.id: since])
    let changed = try await changes(group, since)
    var entries: [Entry] = []
    var cursor: String?
    for _ in 0..<Self.monthPages {
      let page = try await api.call(
        Endpoints.entries, [group.id],
        query: [("kind", "expense"), ("from", "\(month)"), ("limit", "\(PageRequest.limits.upperBound)")]
          + (cursor.map { [("cursor", $0)] } ?? []))
      entries += page.items
      cursor = page.next
      if cursor == nil { break }
    }
    let balances: Balances = try await api.call(Endpoints.balances, [group.id])
    return GroupDigest(
      group, month: month, entries: cursor == nil ? entries : nil, balances: balances.balances,
      changed: changed.items, isMore: changed.next != nil)
  }

  private func changes(_ group: Group, _ since: Int64) async throws(ClientFailure) -> Page<Entry> {
    let none = Page<Entry>(items: [], next: nil)
    guard since < group.sequence else { return none }
    do {
      return try await api.call(
        Endpoints.entries, [group.id], query: [("since", "\(since)"), ("limit", "\(Self.newsLimit)")])
    } catch {
      // An import replaced the group: there is no telling what is new.
      if case .problem(let problem) = error, problem.code == "start_anew" { return none }
      throw error
    }
  }

  /// Keeps the list of groups for the next start.
  func keepHome(_ groups: [Group]) {
    overview.withLock { $0.groups = groups }
    writeHome()
  }

  fileprivate func keepHome(_ digests: [GroupDigest]) {
    overview.withLock { home in
      let new = Set(digests.map(\.group))
      home.digests = home.digests.filter { !new.contains($0.group) } + digests
    }
    writeHome()
  }

  fileprivate func forgetNews(of group: ID, upTo sequence: Int64) {
    overview.withLock { home in
      for index in home.digests.indices where home.digests[index].group == group {
        home.digests[index].forgetNews(upTo: sequence)
      }
    }
    writeHome()
  }

  /// Begins with the list of the cache.
  func begin(with cached: CachedGroups) {
    memory.withLock { $0.note(cached.groups) }
    overview.withLock { $0 = HomeMemory(groups: cached.groups, digests: cached.digests, written: cached) }
  }

  /// Writes the list if it is another one than that in the file.
  private func writeHome() {
    guard let cache = files.withLock({ $0 })?.cache else { return }
    overview.withLock { home in
      guard let groups = home.groups else { return }
      let ids = Set(groups.map(\.id))
      home.digests.removeAll { !ids.contains($0.group) }
      guard home.written?.groups != groups || home.written?.digests != home.digests else { return }
      let written = CachedGroups(savedAt: .now, groups: groups, digests: home.digests)
      home.written = written
      cache.keep(written)
    }
  }
}
