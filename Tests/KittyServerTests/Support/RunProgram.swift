import Subprocess
import SystemPackage

/// Runs a program and waits for its end without blocking a thread.
/// - Returns: The exit code or the signal, and the output with the errors.
func runProgram(
  _ path: String, _ arguments: [String], _ variables: [String: String] = [:]
) async throws -> (status: Int32, output: String) {
  var changes: [Environment.Key: String?] = ["LC_ALL": "C.UTF-8"]
  for (name, value) in variables { changes[Environment.Key(stringLiteral: name)] = value }
  let result = try await run(
    .path(FilePath(path)), arguments: Arguments(arguments), environment: .inherit.updating(changes),
    output: .string(limit: 16 << 20), error: .combinedWithOutput)
  let status =
    switch result.terminationStatus {
    case .exited(let code): code
    case .signaled(let signal): signal
    }
  return (status, result.standardOutput)
}
