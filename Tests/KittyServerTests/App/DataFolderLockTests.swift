import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// One server on a data folder with SQLite.
@Suite struct DataFolderLockTests {
  private let program = Bundle.main.bundleURL.appending(path: "kittycash-server").path

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "kitty-lock-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  @Test func secondServerOnOneFolderIsRefused() async throws {
    try await withFolder { folder in
      let serve = ["serve", "--data", folder, "--port", "0"]
      let first = try BackgroundProgram(program, serve)
      let text = { (try? String(contentsOfFile: folder + "/server.lock", encoding: .utf8)) ?? "" }
      try await until { text().hasSuffix("\n") }
      let second = try await runProgram(program, serve)
      #expect(second.status == 1, "\(second.output)")
      #expect(second.output.contains("Another kittycash-server (process "), "\(second.output)")
      #expect(second.output.contains("--data"), "\(second.output)")
      // Commands beside the server go on to work, once it has made the tables.
      try await until { try await runProgram(program, ["user", "list", "--data", folder]).status == 0 }
      for arguments in [
        ["user", "add", "anna"], ["user", "list"], ["check"], ["jobs", "list"], ["migrate"],
        ["backup", folder + "/backup.tar"],
      ] {
        let run = try await runProgram(program, arguments + ["--data", folder])
        #expect(run.status == 0, "\(arguments): \(run.output)")
      }
      // The lock ends with the process, however it ends.
      first.kill()
      let before = text()
      let third = try BackgroundProgram(program, serve)
      defer { third.kill() }
      try await until { text() != before }
      #expect(try await runProgram(program, serve).status == 1)
    }
  }
}
