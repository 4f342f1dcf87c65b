import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// The log of `--debug`.
struct DebugLogTests {
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "kitty-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder + "/kittycash")
  }

  @Test func requestsAreNotedWithoutSecrets() async throws {
    try await withFolder { folder in
      let server = try FakeServer { request in
        request.line.hasPrefix("POST") ? (401, "{}") : (200, "{\"secret\":\"content\"}")
      }
      let address = try ServerAddress("http://127.0.0.1:\(server.port)")
      let environment = ["XDG_STATE_HOME": String(folder.dropLast("/kittycash".count))]
      let messages = Mutex<[Message]>([])
      let path = DebugLog.path(environment)
      let log = try DebugLog(path: path)
      let runner = EffectRunner(
        server: address, tokens: TokenFile(server: address, environment: environment), token: "s3cret-token",
        home: "/", log: log,
        post: { for case .message(let message) in $0 { messages.withLock { $0.append(message) } } })
      runner.run(.loadEntries(group: Fixtures.id(1), after: "s3cret-cursor"))
      runner.run(.signIn(name: "anna", password: "s3cret-password"))
      while messages.withLock({ $0.count }) < 4 { try await Task.sleep(for: .milliseconds(5)) }
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(
        text.contains("GET http://127.0.0.1:\(server.port)/v1/groups/\(Fixtures.id(1))/entries 200, "),
        "\(text)")
      #expect(
        text.contains("/v1/sessions 401, 2 bytes, ") && !text.contains("s3cret") && !text.contains("content"))
      // The id of a failure is the one in the log.
      let ids = messages.withLock { $0.compactMap { if case .sent(_, let id) = $0 { id } else { nil } } }
      #expect(ids.count == 2 && ids.allSatisfy { text.contains("request \($0)\n") })
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
      #expect(mode?.intValue == 0o600)
    }
  }

  @Test func logIsBounded() async throws {
    try await withFolder { folder in
      let path = folder + "/debug.log"
      let log = try DebugLog(path: path, limit: 2000)
      for number in 0..<200 { log.note("line \(number)\u{1b}[31m") }
      for file in [path, path + ".old"] {
        let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber
        #expect((size?.intValue ?? 0) <= 2000)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
      }
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("line 199·[31m\n") && !text.contains("\u{1b}"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    }
  }

  @Test func linkIsNotFollowed() async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/debug.log", withDestinationPath: folder + "/elsewhere")
      #expect(throws: PrivateFile.Unsafe.self) { try DebugLog(path: folder + "/debug.log") }
      #expect(!FileManager.default.fileExists(atPath: folder + "/elsewhere"))
    }
  }

  @Test func serverAndTokenOfTheFullScreenAreThoseOfTheCommands() async throws {
    try await withFolder { folder in
      let session = try JSON.text(
        of: Session(
          id: Fixtures.id(51), token: "new", expiresAt: .now, deviceToken: nil, user: Account.user()))
      let heads = Mutex<[String]>([])
      let server = try FakeServer { request in
        heads.withLock { $0.append(request.header("Authorization") ?? "-") }
        return request.line.hasPrefix("POST") ? (201, session) : (204, "")
      }
      let address = try ServerAddress("http://127.0.0.1:\(server.port)")
      let environment = ["XDG_STATE_HOME": String(folder.dropLast("/kittycash".count))]
      let tokens = TokenFile(server: address, environment: environment)
      try tokens.write(.init(server: address.url, name: "bob", token: "stored"))
      let messages = Mutex<[Message]>([])
      let runner = EffectRunner(
        server: address, tokens: tokens, token: "stored", givenToken: "given", home: "/",
        post: { for case .message(let message) in $0 { messages.withLock { $0.append(message) } } })
      // The token of the environment is used, and signing out with it leaves the stored session.
      runner.run(.signOut)
      while messages.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(5)) }
      #expect(heads.withLock { $0 } == ["Bearer given"])
      #expect(try tokens.read()?.name == "bob")
      // The server of a sign-in is that of the next start.
      #expect(ServerChoice.lastLogin(environment) == nil)
      runner.run(.signIn(name: "anna", password: "a long password"))
      while ServerChoice.lastLogin(environment) == nil && messages.withLock({ $0.count }) < 3 {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(ServerChoice.lastLogin(environment) == address, "\(messages.withLock { $0 })")
    }
  }
}
