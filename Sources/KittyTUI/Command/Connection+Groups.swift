import ArgumentParser
import KittyShared

extension Connection {
  /// Finds a group by its id, its name, or the beginning of its name, in any case. Archived groups are searched
  /// only if no other group matches.
  /// - Throws: `CommandFailure` when no group matches, or several do; the message lists them.
  func group(_ text: String) async throws(CommandFailure) -> ID {
    if let id = ID(text) { return id }
    var names: [String] = []
    for archived in [false, true] {
      let groups = try await groups(archived: archived)
      names += groups.map(\.name)
      switch NameMatch(text, in: groups.map { ($0.name, $0.id) }) {
      case .one(let id): return id
      case .several(let found):
        let names = found.map { "\"\($0.name)\" (\($0.value))" }.listed("or")
        throw CommandFailure(.usage, "\"\(text)\" could be \(names). Write more of the name, or the id.")
      case .none: continue
      }
    }
    let near = text.near(Array(Set(names))).map { "\"\($0)\"" }.listed("or")
    let hint = near.isEmpty ? "" : " Did you mean \(near)?"
    throw CommandFailure(
      .notFound,
      "You have no group whose name is or begins with \"\(text)\".\(hint) List your groups with: kittycash groups."
    )
  }

  /// Reads the groups of the user that are archived, or those that are not.
  func groups(archived: Bool) async throws(CommandFailure) -> [Group] {
    try await ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.groups, query: [("archived", "\(archived)")]).value
    }
  }

  /// Reads all groups of the user.
  func allGroups() async throws(CommandFailure) -> [Group] {
    try await groups(archived: false) + groups(archived: true)
  }

  /// Reads the present and former members of a group.
  func people(in group: ID) async throws(CommandFailure) -> People {
    People(
      members: try await ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.members, [group], query: [("removed", "true")]).value
      })
  }

  /// Reads the group and members that a line of quick entry refers to.
  func quickGroup(_ id: ID, _ people: People) async throws(CommandFailure) -> QuickGroup {
    let group = try await ask { (api) throws(ClientFailure) in
      try await api.answer(Endpoints.group, [id]).value
    }
    return QuickGroup(
      currency: group.currency, members: people.members.filter { $0.removedAt == nil }, me: group.me,
      today: try await today())
  }
}

/// The help of an argument that names a group.
let groupHelp = ArgumentHelp("The group: its id, its name, or the beginning of its name.", valueName: "group")
