import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// Signing in and out, and the stored session.
struct LoginTests {
  private static let user = User(
    id: Fixtures.id(50), name: "anna", displayName: "Anna", photo: nil, createdAt: Instant(milliseconds: 0))
  private static let session = CommandTests.json(
    Session(
      id: Fixtures.id(60), token: "secret", expiresAt: Instant(milliseconds: 0), deviceToken: "kittydev_1",
      user: user))

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "kitty-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  @Test func sessionIsStoredAndRemoved() async throws {
    let log = CommandTests.Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return request.line.hasPrefix("POST") ? (201, Self.session) : (204, "")
    }
    try await withFolder { folder in
      var stage = CommandTests.stage(server)
      stage.environment = ["XDG_STATE_HOME": folder]
      stage.lines = ["a long password"]
      let login = try await CommandRun.run(["login", "--name", "anna"], stage)
      #expect(login.status == .done && login.output.isEmpty, "\(login.errors)")
      #expect(log.requests[0].body == #"{"name":"anna","password":"a long password"}"#)
      #expect(!(login.errors + login.questions.joined()).contains("long"))

      // The next command needs no server named.
      var later = stage
      later.environment["KITTYCASH_SERVER"] = nil
      later.server = ""
      let choice = try ServerChoice(option: nil, environment: later.environment)
      #expect(choice.address.url == stage.server && choice.reason == .login)
      #expect(try ServerChoice(option: "http://other", environment: later.environment).reason == .option)
      later.environment["KITTYCASH_SERVER"] = "http://third"
      #expect(try ServerChoice(option: nil, environment: later.environment).reason == .environment)

      // A variable that is empty is not set.
      later.environment["KITTYCASH_SERVER"] = ""
      #expect(try ServerChoice(option: nil, environment: later.environment).reason == .login)

      // The user is warned when the other commands will not use the new session.
      #expect(!login.errors.contains("KITTYCASH_TOKEN"))
      var given = stage
      given.environment["KITTYCASH_TOKEN"] = "other"
      let both = try await CommandRun.run(["login", "--name", "anna"], given)
      #expect(both.status == .done && both.errors.contains("$KITTYCASH_TOKEN is set"), "\(both.errors)")

      let info = try await CommandRun.run(["info", "--plain"], stage)
      #expect(info.output.contains("user\tanna\n") && info.output.contains("server\t\(stage.server)\n"))
      #expect(!info.output.contains("secret"))

      let logout = try await CommandRun.run(["logout"], stage)
      #expect(logout.status == .done)
      #expect(log.requests.last?.header("Authorization") == "Bearer secret")
      #expect(try await CommandRun.run(["logout"], stage).status == .notSignedIn)
      // The token of the device stays, for the next sign-in of this user. Logout removes all else, but the server
      // stays that of the next login.
      let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/kittycash")
      let devices = try #require(left.first { $0.hasSuffix(".devices") })
      #expect(left.filter { $0 != devices } == ["server"], "\(left)")
      let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/kittycash/\(devices)")
      #expect((mode[.posixPermissions] as? NSNumber)?.intValue == 0o600)
      for (name, isSent) in [("bob", false), ("Anna", true)] {
        stage.lines = ["a long password"]
        #expect(try await CommandRun.run(["login", "--name", name], stage).status == .done)
        let sent = log.requests.last?.body.contains(#""deviceToken":"kittydev_1""#)
        #expect(sent == isSent, "\(name)")
      }
    }
  }

  @Test func addressIsConfirmedWithTypedToken() async throws {
    let log = CommandTests.Log()
    let confirmed = User(
      id: Fixtures.id(50), name: "anna", displayName: "Anna", email: "anna@example.org",
      emailConfirmedAt: Instant(milliseconds: 5), photo: nil, createdAt: Instant(milliseconds: 0))
    let server = try FakeServer { request in
      _ = log.add(request)
      return request.body.contains("mailed")
        ? (200, CommandTests.json(confirmed))
        : CommandTests.problem(403, "useless_token", "Copy the whole token.")
    }
    try await withFolder { folder in
      var stage = CommandTests.stage(server)
      stage.environment = ["XDG_STATE_HOME": folder, "KITTYCASH_TOKEN": "secret"]
      stage.lines = ["mailed"]
      let done = try await CommandRun.run(["confirm-email"], stage)
      #expect(
        done.status == .done && done.output.isEmpty && done.errors.contains("anna@example.org is confirmed"))
      #expect(log.requests[0].line.hasPrefix("PUT /v1/me/email/confirmation"))
      #expect(log.requests[0].body == #"{"token":"mailed"}"#)
      #expect(!(done.errors + done.questions.joined()).contains("mailed"))
      stage.lines = ["other"]
      let refused = try await CommandRun.run(["confirm-email"], stage)
      #expect(
        refused.status == .refused && refused.errors.contains("Copy the whole token"), "\(refused.errors)")
      stage.lines = []
      #expect(try await CommandRun.run(["confirm-email"], stage).status == .usage)
    }
  }

  @Test func secondFactorIsAskedForWhenRequired() async throws {
    let log = CommandTests.Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return request.body.contains(#""code":"123456""#)
        ? (201, Self.session) : CommandTests.problem(401, "second_factor_needed", "Send the code.")
    }
    try await withFolder { folder in
      var stage = CommandTests.stage(server)
      stage.environment = ["XDG_STATE_HOME": folder]
      stage.lines = ["a long password", "123456"]
      let run = try await CommandRun.run(["login", "--name", "anna"], stage)
      #expect(run.status == .done && log.requests.count == 2 && run.questions.count == 2, "\(run.errors)")
      stage.lines = ["a long password"]
      let without = try await CommandRun.run(["login", "--name", "anna"], stage)
      #expect(without.status == .notSignedIn && !without.errors.contains("Send the code."))
      #expect(without.errors.contains("second line of standard input"), "\(without.errors)")
    }
  }

  @Test func aWrongPasswordIsNotAskedAgain() async throws {
    let log = CommandTests.Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return CommandTests.problem(401, "wrong_credentials", "The name or the password is wrong.")
    }
    var stage = CommandTests.stage(server)
    stage.lines = ["a long password", "another"]
    let run = try await CommandRun.run(["login", "--name", "anna"], stage)
    #expect(run.status == .notSignedIn && log.requests.count == 1)
    #expect(run.errors.contains("The name or the password is wrong."))
    // A token of the environment plays no part in it.
    #expect(log.requests[0].header("Authorization") == nil)
    #expect(try await CommandRun.run(["login"], stage).status == .usage)
    stage.lines = []
    #expect(try await CommandRun.run(["login", "--name", "anna"], stage).status == .usage)
  }

  @Test func failedLogoutKeepsTheSession() async throws {
    try await withFolder { folder in
      var stage = CommandRun.Stage()
      stage.environment = ["XDG_STATE_HOME": folder]
      let tokens = TokenFile(server: try ServerAddress(stage.server), environment: stage.environment)
      try tokens.write(.init(server: stage.server, name: "anna", token: "t"))
      #expect(try await CommandRun.run(["logout"], stage).status == .unreachable)
      #expect(try tokens.read() != nil)
    }
  }
}
