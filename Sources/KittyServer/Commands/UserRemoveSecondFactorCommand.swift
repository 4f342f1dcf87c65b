import ArgumentParser
import KittyShared

/// `kittycash-server user remove-second-factor`.
struct UserRemoveSecondFactorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove-second-factor",
    abstract: "Remove the second factor of a user who lost the app and the recovery codes.")
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The name to sign in with.") var name: String

  func run() async throws {
    try await options.run { dependencies in
      let name = name.lowercased()
      guard let user = try await UserStore(database: dependencies.database).find(name: name)?.user else {
        throw NotFoundError(user: name)
      }
      let isRemoved = try await SecondFactorStore(database: dependencies.database).remove(
        of: user.id, at: .now, WriteContext())
      try options.output(
        FactorRemoval(name: name, removed: isRemoved),
        isRemoved ? "\(name) now signs in with the password only." : "\(name) has no second factor.")
    }
  }
}

/// The output of `user remove-second-factor`.
struct FactorRemoval: Encodable {
  let name: String
  let removed: Bool
}
