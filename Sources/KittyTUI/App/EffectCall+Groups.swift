import KittyShared

/// The calls of groups.
extension EffectCall {
  static func loadGroups(_ filter: GroupFilter) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let groups = try await runner.api.all(
        Endpoints.groups,
        query: [("archived", "\(filter == .archived)"), ("deleted", "\(filter == .deleted)")], limit: 2000)
      if filter == .inUse {
        runner.memory.withLock { $0.note(groups) }
        runner.keepHome(groups)
      }
      return .groups(groups)
    }
  }

  static var loadPlaces: EffectCall {
    .read { (runner) throws(ClientFailure) in
      let groups = try await runner.api.all(Endpoints.groups, query: [("archived", "false")], limit: 2000)
      let archived = try await runner.api.all(Endpoints.groups, query: [("archived", "true")], limit: 2000)
      return .places(groups + archived)
    }
  }

  static func loadGroup(_ id: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .group(try await runner.group(id))
    }
  }

  static func createGroup(_ group: NewGroup) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return .groupChanged(try await runner.create(group))
    }
  }

  static func changeGroup(_ id: ID, _ version: Int64, _ change: GroupChange) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return .groupChanged(
        try await runner.api.call(Endpoints.changeGroup, [id], body: change, ifMatch: version))
    }
  }

  static func deleteGroup(_ id: ID, _ force: Bool) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(Endpoints.deleteGroup, [id], query: [("force", "\(force)")])
      return .groupDeleted(id)
    }
  }

  static func restoreGroup(_ id: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let _: Group = try await runner.api.call(Endpoints.restoreGroup, [id])
      return .groupRestored(id)
    }
  }
}

extension EffectRunner {
  /// Creates a group. If an earlier attempt created it with another name, the group is renamed.
  func create(_ group: NewGroup) async throws(ClientFailure) -> Group {
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
}
