import Foundation
import Subprocess
import SystemPackage

/// Runs a program and waits for its end; nothing else waits meanwhile.
/// - Returns: Its exit code, or the signal that ended it, and what it printed and complained about.
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

/// A program that runs beside a test until it is killed.
struct BackgroundProgram {
  private let id: pid_t

  /// Starts it with nothing to read and nobody who reads.
  init(_ path: String, _ arguments: [String]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [0, 1, 2] as [Int32] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    // A thread of the pool holds signals back, and what it starts would too.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let words = ([path] + arguments).map { strdup($0) }
    defer { words.forEach { free($0) } }
    var id: pid_t = 0
    let code = posix_spawn(&id, path, &actions, &attributes, words + [nil], environ)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    self.id = id
  }

  func signal(_ signal: Int32) { Foundation.kill(id, signal) }

  /// Ends it at once, and waits until it has.
  func kill() {
    signal(SIGKILL)
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
  }
}
