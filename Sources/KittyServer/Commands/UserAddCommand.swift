import ArgumentParser
import KittyShared

/// `kittycash-server user add`.
struct UserAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a user, whatever the setting SIGN_UP, and print the password.")
  @OptionGroup var options: AdministrationOptions
  @OptionGroup var source: PasswordOptions
  @Argument(help: "The name to sign in with.") var name: String
  @Option(help: "The name that other users see. Default: the name to sign in with.") var displayName: String?
  @Option(help: "An e-mail address, for a forgotten password.") var email: String?

  func run() async throws {
    try await options.run { dependencies in
      let (password, isRandom) = try source.password()
      let request = NewUser(name: name, password: password, displayName: displayName)
      var checks = FieldChecks()
      request.check(&checks)
      if let email { checks.email(email, "email") }
      guard checks.errors.isEmpty else { throw Rejection.invalid(checks.errors) }
      let user = User(
        id: ID(at: .now), name: name.lowercased(), displayName: (displayName ?? name).trimmed.composed,
        // The administrator vouches for the address.
        email: email, emailConfirmedAt: email.map { _ in .now }, photo: nil, createdAt: .now)
      let hash = try await dependencies.passwords.hash(password, "password", of: user)
      _ = try await UserStore(database: dependencies.database).insert(
        user, passwordHash: hash, WriteContext())
      try options.output(
        NewPassword(id: user.id, name: user.name, password: isRandom ? password : nil, endedSessions: nil),
        isRandom ? "Added \(user.name), with the password \(password)" : "Added \(user.name).")
    }
  }
}
