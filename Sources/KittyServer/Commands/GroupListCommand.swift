import ArgumentParser
import KittyShared

/// `kittycash-server group list`.
struct GroupListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List all groups, including deleted ones.")
  @OptionGroup var options: AdministrationOptions

  func run() async throws {
    try await options.run { dependencies in
      let store = GroupStore(database: dependencies.database)
      let groups = try await Pages.all { last, limit in
        try await store.overview(after: last?.id ?? .first, limit: limit)
      }
      try options.output(
        groups,
        TextTable.text(
          ["ID", "STATE", "SINCE", "OWNER", "MEMBERS", "ENTRIES", "NAME"],
          groups.map {
            [
              "\($0.id)", $0.state, "\($0.createdAt.day)", $0.ownerNames, "\($0.memberCount)",
              "\($0.entryCount)", $0.name,
            ]
          }))
    }
  }
}

extension GroupOverview {
  /// The group's state, for people.
  var state: String { deletedAt != nil ? "deleted" : archivedAt != nil ? "archived" : "in use" }
  /// The owners' names, for people.
  var ownerNames: String { owners.isEmpty ? "-" : owners.joined(separator: " ") }
}
