import Foundation
import Subprocess
import Testing

/// A server in Python for one test. It listens on the loopback, prints its port, and ends with its standard input.
enum LoopbackScript {
  /// Runs `body` with the port of a server.
  /// - Parameter path: The script, below the folder Tests.
  static func run(_ path: String, _ arguments: [String] = [], _ body: (Int) async throws -> Void) async throws
  {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
    _ = try await Subprocess.run(
      .path("/usr/bin/python3"), arguments: Arguments([script.standardized.path] + arguments),
      input: .inputWriter, output: .sequence, error: .discarded
    ) { execution in
      let outcome: Result<Void, any Error>
      do {
        var lines = execution.standardOutput.strings().makeAsyncIterator()
        let line = try await lines.next() ?? ""
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "no port: \(line)")
        outcome = .success(try await body(port))
      } catch {
        outcome = .failure(error)
      }
      try await execution.standardInputWriter.finish()
      try outcome.get()
    }
  }
}
