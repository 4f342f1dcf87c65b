import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

@Suite struct SettingsCheckTests {
  private func findings(_ variables: [String: String]) async throws -> [Finding] {
    var variables = variables
    variables["DATA_DIR"] = "/nowhere"
    return SettingsCheck(settings: try await DoctorFixture.settings(variables)).findings()
  }

  static let settings: [(variables: [String: String], words: String)] = [
    ([:], "SIGN_UP is open"), ([:], "SECRETS_KEY is not set"), ([:], "SMTP_URL is not set"),
    (["PUBLIC_URL": "http://kitty.example.org"], "without encryption"),
    (["PUBLIC_URL": "https://kitty.example.org"], "TRUSTED_PROXIES names none"),
    (["HOST": "0.0.0.0"], "HOST is 0.0.0.0"), (["SIGN_IN_LIMIT": "off"], "SIGN_IN_LIMIT"),
    (["DATABASE_URL": "postgresql://kitty@db/kitty"], "without REDIS_URL"),
    (["WORKER": "separate"], "WORKER=separate with SQLite"),
  ]

  @Test(arguments: settings.indices) func eachDoubtHasItsSentence(index: Int) async throws {
    let (variables, words) = Self.settings[index]
    try await findings(variables).expect(.warning, words)
  }

  @Test func localAddressNeedsNoTLS() async throws {
    let found = try await findings(["PUBLIC_URL": "http://127.0.0.1:8080"])
    #expect(!found.contains { $0.text.contains("without encryption") }, "\(found)")
  }

  @Test func misspelledNamesAreFound() async throws {
    try await withTemporaryFolder { folder in
      let file = folder + "/kittycash.env"
      try "# A comment = x\nSIGNUP=closed\nSIGN_UP=closed\nNO_SUCH_SETTING=1\n".write(
        toFile: file, atomically: true, encoding: .utf8)
      #expect(chmod(file, 0o600) == 0)
      let sources = SettingSources(
        environment: ["REDIS_URI": "x", "HOME": "/root", "PATH": "/bin", "SMTP_URL_FILE": folder + "/smtp"],
        file: file)
      let check = SettingSourcesCheck(sources: sources)
      var found = try check.findings()
      #expect(found.count == 3, "\(found)")
      found.expect(.warning, "REDIS_URI", "Write REDIS_URL")
      found.expect(.warning, "SIGNUP", "Write SIGN_UP")
      found.expect(.warning, "NO_SUCH_SETTING", "Remove the line")
      // Files that others can read.
      try "smtp://x".write(toFile: folder + "/smtp", atomically: true, encoding: .utf8)
      #expect(chmod(folder + "/smtp", 0o604) == 0 && chmod(file, 0o644) == 0)
      found = try check.findings()
      #expect(found.count == 5, "\(found)")
      found.expect(.warning, "SMTP_URL_FILE", "chmod o-rwx \(folder)/smtp")
      found.expect(.warning, "--config", "chmod o-rwx \(file)")
    }
  }
}
