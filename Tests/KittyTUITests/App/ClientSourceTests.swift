import Foundation
import Testing

/// Rules that the sources of the client keep.
struct ClientSourceTests {
  private static func sources() throws -> [(path: String, text: String)] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../Sources/KittyTUI")
    let files = try #require(FileManager.default.enumerator(atPath: root.path(percentEncoded: false)))
    return try files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
      .map { ($0, try String(contentsOf: root.appending(path: $0), encoding: .utf8)) }
  }

  /// In a shared session any program, and above all a shell, is a way out. The client restarts itself, and that is all.
  /// `kittycash login --ssh` alone runs ssh-keygen: no screen does, and a forced command ignores commands.
  @Test func clientStartsNoProgram() throws {
    let sources = try Self.sources()
    try #require(sources.count > 80)
    let users = sources.filter { $0.text.contains("tool.run(") || $0.text.contains("Tool()") }.map(\.path)
    #expect(Set(users) == ["Command/SSHSigner.swift", "Command/CommandEnvironment.swift"])
    for (path, text) in sources where path != "Command/Tool.swift" {
      for call in [
        " Process(", "posix_spawn", "popen(", " system(", "(system(", "Glibc.system(",
        "execv", "Subprocess", "fork(",
      ] {
        #expect(!text.contains(call), "\(path) has \(call)")
      }
    }
  }
}
