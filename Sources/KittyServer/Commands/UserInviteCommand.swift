import ArgumentParser
import KittyShared

/// `kittycash-server user invite`.
struct UserInviteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite", abstract: "Make an invite code for one sign-up, for SIGN_UP=invite.")
  @OptionGroup var options: AdministrationOptions
  @Option(help: "Number of days until the code expires: 1 to 365.") var days = 7

  func validate() throws {
    guard (1...365).contains(days) else { throw ValidationError("--days must be from 1 to 365.") }
  }

  func run() async throws {
    try await options.run { dependencies in
      let now = Instant.now
      let expires = now.advanced(by: .seconds(days * 86_400))
      let code = try await dependencies.signUpPolicy.invite(at: now, expires: expires, WriteContext())
      try options.output(
        PrintedInvite(code: code, expiresAt: expires), "\(code)\nValid for one sign-up until \(expires).")
    }
  }
}

/// The output of `user invite`.
struct PrintedInvite: Codable, Sendable {
  let code: String
  let expiresAt: Instant
}
