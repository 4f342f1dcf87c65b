import ArgumentParser
import KittyShared

/// `kittycash-server user list`.
struct UserListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List all users.")
  @OptionGroup var options: AdministrationOptions

  func run() async throws {
    try await options.run { dependencies in
      let store = UserStore(database: dependencies.database)
      let users = try await Pages.all { last, limit in
        try await store.list(after: last?.user.name ?? "", limit: limit)
      }.map(UserRow.init)
      try options.output(
        users,
        TextTable.text(
          ["NAME", "STATE", "SINCE", "E-MAIL", "DISPLAY NAME"],
          users.map {
            [
              $0.name, $0.disabledAt == nil ? "active" : "disabled", "\($0.createdAt.day)", $0.email ?? "-",
              $0.displayName,
            ]
          }))
    }
  }
}

/// A user in the output of `user list`.
struct UserRow: Codable, Sendable {
  let id: ID
  let name: String
  let displayName: String
  let email: String?
  let createdAt: Instant
  let disabledAt: Instant?

  init(_ credentials: UserStore.Credentials) {
    let user = credentials.user
    (id, name, displayName, email) = (user.id, user.name, user.displayName, user.email)
    (createdAt, disabledAt) = (user.createdAt, credentials.disabledAt)
  }
}
