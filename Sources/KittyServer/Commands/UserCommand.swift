import ArgumentParser
import FoundationEssentials
import KittyShared
import Sodium

/// `kittycash-server user`.
struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "See and change accounts.",
    subcommands: [
      ListUsers.self, AddUser.self, DisableUser.self, EnableUser.self, ResetPassword.self,
      RemoveSecondFactor.self,
      InviteUser.self,
    ])
}

/// What a command that ends sessions says of servers that run beside it.
private let howSoonSessionsEnd = """
  Servers with Redis learn of it at once where this command has their REDIS_URL too. Without it they go on with what \
  they remember, and let the sessions through for up to 10 seconds.
  """

/// Where a password comes from.
struct PasswordOptions: ParsableArguments {
  @Flag(help: "Take the password from the first line of standard input, instead of a random one.")
  var passwordStdin = false

  /// A password of 8 to 256 characters, and whether it is a random one that must be printed.
  /// - Throws: `NotFoundError` when none can be used.
  func password() throws -> (text: String, isRandom: Bool) {
    guard passwordStdin else { return (base64URL(try randomBytes(count: 15)), true) }
    let text = readLine(strippingNewline: true) ?? ""
    var checks = FieldChecks()
    checks.newPassword(text, "password")
    guard checks.errors.isEmpty else { throw NotFoundError(description: checks.errors[0].message) }
    return (text, false)
  }
}

/// `kittycash-server user list`.
struct ListUsers: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List all accounts.")
  @OptionGroup var options: AdministrationOptions

  func run() async throws {
    try await options.run { dependencies in
      let store = UserStore(database: dependencies.database)
      var users: [UserRow] = []
      while true {
        let page = try await store.list(after: users.last?.name ?? "", limit: 500)
        users += page.map(UserRow.init)
        if page.count < 500 { break }
      }
      try options.output(
        users,
        AdministrationOptions.table(
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

/// An account as an administrator sees it.
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

/// `kittycash-server user add`.
struct AddUser: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make an account, whatever SIGN_UP says, and print its password.")
  @OptionGroup var options: AdministrationOptions
  @OptionGroup var source: PasswordOptions
  @Argument(help: "The name to sign in with.") var name: String
  @Option(help: "The name that others see. Default: the name to sign in with.") var displayName: String?
  @Option(help: "An address, for a forgotten password.") var email: String?

  func run() async throws {
    try await options.run { dependencies in
      let (password, isRandom) = try source.password()
      let request = NewUser(name: name, password: password, displayName: displayName)
      var checks = FieldChecks()
      request.check(&checks)
      if let email { checks.email(email, "email") }
      guard checks.errors.isEmpty else { throw Rejection.invalid(checks.errors) }
      let user = User(
        id: ID(at: .now), name: name.lowercased(), displayName: (displayName ?? name).trimmed, email: email,
        photo: nil, createdAt: .now)
      let hash = try await dependencies.passwords.hash(password)
      _ = try await UserStore(database: dependencies.database).insert(user, passwordHash: hash)
      try options.output(
        NewPassword(id: user.id, name: user.name, password: isRandom ? password : nil, endedSessions: nil),
        isRandom ? "Made \(user.name), with the password \(password)" : "Made \(user.name).")
    }
  }
}

/// What is printed of a password that was set.
struct NewPassword: Codable, Sendable {
  var id: ID?
  let name: String
  /// Only one that was made up here.
  let password: String?
  let endedSessions: Int?
}

/// `kittycash-server user reset-password`.
struct ResetPassword: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset-password",
    abstract: "Give an account a new password, end its sessions, and print the password.",
    discussion: howSoonSessionsEnd)
  @OptionGroup var options: AdministrationOptions
  @OptionGroup var source: PasswordOptions
  @Argument(help: "The name to sign in with.") var name: String

  func run() async throws {
    try await options.run { dependencies in
      let (password, isRandom) = try source.password()
      let name = name.lowercased()
      let hash = try await dependencies.passwords.hash(password)
      let ended = try await dependencies.sessions.ending {
        try await UserStore(database: dependencies.database).setPassword(of: name, to: hash)
      }
      guard let ended else { throw NotFoundError(user: name) }
      let count = ended.tokens.count
      try options.output(
        NewPassword(name: name, password: isRandom ? password : nil, endedSessions: count),
        (isRandom ? "The password of \(name) is \(password)" : "The password of \(name) is changed.")
          + "\nSessions that were ended: \(count).")
    }
  }
}

/// `kittycash-server user remove-second-factor`.
struct RemoveSecondFactor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove-second-factor",
    abstract: "Let somebody who has lost their app and their recovery codes in with the password alone.")
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The name to sign in with.") var name: String

  func run() async throws {
    try await options.run { dependencies in
      let name = name.lowercased()
      guard let user = try await UserStore(database: dependencies.database).find(name: name)?.user else {
        throw NotFoundError(user: name)
      }
      let isRemoved = try await SecondFactorStore(database: dependencies.database).remove(of: user.id)
      try options.output(
        FactorRemoval(name: name, removed: isRemoved),
        isRemoved ? "\(name) signs in with the password alone now." : "\(name) has no second factor.")
    }
  }
}

/// What was done to a second factor.
struct FactorRemoval: Encodable {
  let name: String
  let removed: Bool
}

/// `kittycash-server user disable`.
struct DisableUser: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "Keep somebody out, and end their sessions.",
    discussion: howSoonSessionsEnd)
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The name to sign in with.") var name: String

  func run() async throws { try await options.setDisabled(true, name) }
}

/// `kittycash-server user enable`.
struct EnableUser: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Let somebody in again who was kept out.")
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The name to sign in with.") var name: String

  func run() async throws { try await options.setDisabled(false, name) }
}

extension AdministrationOptions {
  fileprivate func setDisabled(_ isDisabled: Bool, _ name: String) async throws {
    try await run { dependencies in
      let name = name.lowercased()
      let ended = try await dependencies.sessions.ending {
        try await UserStore(database: dependencies.database).setDisabled(isDisabled, name: name, at: .now)
      }
      guard let ended else { throw NotFoundError(user: name) }
      let count = ended.tokens.count
      try output(
        UserState(name: name, disabled: isDisabled, endedSessions: count),
        isDisabled
          ? "\(name) is disabled. Sessions that were ended: \(count)." : "\(name) can sign in again.")
    }
  }
}

/// What is printed of somebody who was kept out or let in.
struct UserState: Codable, Sendable {
  let name: String
  let disabled: Bool
  let endedSessions: Int
}

/// `kittycash-server user invite`.
struct InviteUser: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite", abstract: "Make a code that lets one person sign up, for SIGN_UP=invite.")
  @OptionGroup var options: AdministrationOptions
  @Option(help: "For how many days it is valid: 1 to 365.") var days = 7

  func validate() throws {
    guard (1...365).contains(days) else { throw ValidationError("Write 1 to 365 days.") }
  }

  func run() async throws {
    try await options.run { dependencies in
      let now = Instant.now
      let expires = now.advanced(by: .seconds(days * 86_400))
      let code = try await dependencies.admission.invite(at: now, expires: expires)
      try options.output(
        PrintedInvite(code: code, expiresAt: expires), "\(code)\nOnce, until \(expires).")
    }
  }
}

/// What is printed of an invite.
struct PrintedInvite: Codable, Sendable {
  let code: String
  let expiresAt: Instant
}

extension NotFoundError {
  fileprivate init(user name: String) {
    self.init(description: "There is no user \"\(name)\". kittycash-server user list shows all.")
  }
}
