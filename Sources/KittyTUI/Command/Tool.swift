import Subprocess
import SystemPackage

/// Runs other programs, of which there are two: `ssh-keygen` and `ssh-add`. They ask for a passphrase on the terminal by
/// themselves.
struct Tool: Sendable {
  /// The outcome of a program.
  struct Outcome: Sendable {
    let isDone: Bool
    let output: String
    /// The last line of its errors.
    let why: String
  }

  /// Runs a program, which is looked for in `PATH`.
  /// - Returns: `nil` when there is no such program.
  /// - Throws: `CommandFailure` when it cannot be run.
  func run(
    _ program: String, _ arguments: [String], input: String = ""
  ) async throws(CommandFailure) -> Outcome? {
    let executable = Executable.name(program)
    do { _ = try await executable.resolveExecutablePath(in: .inherit) } catch { return nil }
    do {
      let result = try await Subprocess.run(
        executable, arguments: Arguments(arguments), input: .string(input), output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 16))
      let errors = result.standardError.split(whereSeparator: \.isNewline)
      return Outcome(
        isDone: result.terminationStatus.isSuccess, output: result.standardOutput,
        why: String(errors.last ?? ""))
    } catch {
      throw CommandFailure(.failed, "\(program) cannot be run: \(error)")
    }
  }
}
