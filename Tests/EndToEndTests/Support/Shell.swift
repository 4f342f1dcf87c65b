import Foundation
import Subprocess

/// The output of a command, and its success.
struct Outcome: Sendable {
  let output: String
  let errors: String
  let succeeded: Bool
}

/// Runs a script of `sh` with `values` in its environment, and waits for its end, for ten minutes at most. Pass text as
/// variables; never insert it into the script.
func shell(_ script: String, _ values: [String: String] = [:]) async throws -> Outcome {
  var changes: [Environment.Key: String?] = ["LC_ALL": "C.UTF-8"]
  for (name, value) in values { changes[Environment.Key(stringLiteral: name)] = value }
  let result = try await run(
    .path("/usr/bin/timeout"), arguments: ["--kill-after=5", "600", "/bin/sh", "-c", script],
    environment: .inherit.updating(changes),
    output: .string(limit: 4 << 20), error: .string(limit: 1 << 20))
  let succeeded = if case .exited(0) = result.terminationStatus { true } else { false }
  return Outcome(output: result.standardOutput, errors: result.standardError, succeeded: succeeded)
}

/// The condition was not met in time.
struct NotYet: Error, CustomStringConvertible {
  let description: String
}

/// Calls `answer` repeatedly, for at most `seconds`.
/// - Returns: The first answer that is not `nil`.
/// - Throws: `NotYet` with the last `state`.
func wait<Answer>(
  for what: String, seconds: Int = 60, state: () async throws -> String = { "" },
  until answer: () async throws -> Answer?
) async throws -> Answer {
  let end = ContinuousClock.now + .seconds(seconds)
  while true {
    if let found = try await answer() { return found }
    guard ContinuousClock.now < end else {
      throw NotYet(description: "waited \(seconds) s for \(what)\n\(try await state())")
    }
    try await Task.sleep(for: .milliseconds(50))
  }
}
