import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Runs checks on settings that one thing is wrong with.
enum DoctorFixture {
  static func settings(_ variables: [String: String]) async throws -> Settings {
    try await Settings(flags: Settings.Flags.parse([]), environment: variables)
  }

  /// Runs one check as the command does.
  static func findings(_ check: any Check, within limit: Duration = .seconds(30)) async -> [Finding] {
    await Doctor(checks: [check], timeLimit: limit).examine()
  }

  /// Runs the command.
  static func run(
    _ arguments: [String], _ variables: [String: String]
  ) async throws -> (status: Int32, findings: [Finding], output: String) {
    let outcome = try await runProgram(
      Bundle.main.bundleURL.appending(path: "kittycash-server").path, ["doctor", "--json"] + arguments,
      variables)
    let findings = try? JSON.decode([Finding].self, from: Data(outcome.output.utf8))
    return (outcome.status, findings ?? [], outcome.output)
  }
}

extension [Finding] {
  /// Checks that there is a finding with these words.
  func expect(
    _ level: Finding.Level, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      contains { finding in finding.level == level && words.allSatisfy { finding.text.contains($0) } },
      "\(words) is not in \(self)", sourceLocation: sourceLocation)
  }
}
