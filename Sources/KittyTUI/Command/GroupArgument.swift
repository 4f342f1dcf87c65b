import ArgumentParser
import KittyShared

extension Connection {
  /// The id of the group that somebody names: by its id, its name, or the beginning of it, in any case.
  /// Archived groups are looked at when no other has that name.
  /// - Throws: `CommandFailure`: none, or several, each of which is named.
  func group(_ text: String) async throws(CommandFailure) -> ID {
    if let id = ID(text) { return id }
    for archived in [false, true] {
      let groups = try await ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.groups, query: [("archived", "\(archived)")]).value
      }
      switch NameMatch(text, in: groups.map { ($0.name, $0.id) }) {
      case .one(let id): return id
      case .several(let found):
        let names = found.map { "\"\($0.name)\" (\($0.value))" }.listed("or")
        throw CommandFailure(.usage, "\"\(text)\" could be \(names). Write more of the name, or the id.")
      case .none: continue
      }
    }
    throw CommandFailure(
      .notFound,
      "You have no group that is called \"\(text)\", or whose name begins so: see kittycash groups.")
  }

  /// Everybody who is or was in a group.
  func people(in group: ID) async throws(CommandFailure) -> People {
    People(
      members: try await ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.members, [group], query: [("removed", "true")]).value
      })
  }

  /// What a line of quick entry is read against.
  func quickGroup(_ id: ID, _ people: People) async throws(CommandFailure) -> QuickGroup {
    let group = try await ask { (api) throws(ClientFailure) in
      try await api.answer(Endpoints.group, [id]).value
    }
    return QuickGroup(
      currency: group.currency, members: people.members.filter { $0.removedAt == nil }, me: group.me,
      today: today)
  }
}

/// Everybody who is or was in a group, by id.
struct People: Sendable {
  let members: [Member]

  /// What the group calls an account.
  func name(_ account: LedgerAccount) -> SafeText {
    guard let id = account.member else { return "Kitty" }
    return members.first { $0.id == id }.map { SafeText($0.name) } ?? "\(id)"
  }

  /// What the group calls several.
  func names(_ accounts: [LedgerAccount]) -> SafeText {
    accounts.dropFirst().reduce(accounts.first.map(name) ?? "") { "\($0), \(name($1))" }
  }
}

/// The help of an argument that names a group.
let groupHelp = ArgumentHelp("The group: its id, its name, or the beginning of its name.", valueName: "group")
