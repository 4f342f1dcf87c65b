import KittyShared

/// The calls of members.
extension EffectCall {
  static func addMember(_ group: ID, _ member: NewMember) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return .memberAdded(group: group, try await runner.add(member, to: group))
    }
  }

  static func changeMember(
    _ group: ID, _ member: ID, _ version: Int64, _ change: MemberChange
  ) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return .memberChanged(
        group: group,
        try await runner.api.call(Endpoints.changeMember, [group, member], body: change, ifMatch: version))
    }
  }

  static func removeMember(_ group: ID, _ member: ID, _ force: Bool) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(
        Endpoints.removeMember, [group, member], query: force ? [("force", "true")] : [])
      return .memberRemoved
    }
  }

  static func handOver(_ group: ID, _ member: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let _: Group = try await runner.api.call(Endpoints.handOver, [group], body: NewOwner(member: member))
      return .handedOver(group: group, to: member)
    }
  }

  static func leaveGroup(_ group: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(Endpoints.leaveGroup, [group])
      return .groupLeft(group)
    }
  }
}

extension EffectRunner {
  /// Adds a member. If an earlier attempt added the member with another name, the member is renamed.
  func add(_ member: NewMember, to group: ID) async throws(ClientFailure) -> Member {
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
}
