import Foundation
import KittyShared
import TestSupport
import Testing

/// A full disk with the data folder, while the database has room.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct FullDiskTests {
  /// A user namespace gives the server a disk of its own; some systems forbid it.
  private static let canMount: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "unshare -rm sh -c 'mount -t tmpfs tmpfs /mnt' 2>/dev/null"]
    do { try process.run() } catch { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(.enabled(if: canMount, "SKIPPED: this system does not allow user namespaces"))
  func uploadsAreRefusedAndTheRestGoesOn() async throws {
    try await Deployment.run(settings: ["DATA_SIZE": "12m"]) { deployment in
      _ = try await deployment.curl(
        #"curl -sf "$KITTY/v1/users" --json '{"name": "anna", "password": "a long password"}'"#)
      let token = try await deployment.curl(
        #"curl -sf "$KITTY/v1/sessions" --json '{"name": "anna", "password": "a long password"}' | jq -r .token"#
      )
      let upload = #"curl -s "$KITTY/v1/me/photo" -H "Authorization: Bearer $TOKEN" -T "$CAT""#
      /// Fills the disk, but for some kilobytes.
      func fill(leaving kilobytes: Int) async throws {
        _ = try await deployment.curl(
          #"""
          data=/proc/$(cat "$DIR/server.pid")/root$DIR/data
          # `df` would look for the disk among those of this program.
          free=$(($(stat -f -c '%a * %S' "$data")))
          head -c $((free - LEFT * 1024)) /dev/zero >"$data/filler"
          """#, ["DIR": deployment.folder, "LEFT": String(kilobytes)])
      }
      func empty() async throws {
        _ = try await deployment.curl(
          #"rm "/proc/$(cat "$DIR/server.pid")/root$DIR/data/filler""#, ["DIR": deployment.folder])
      }
      /// Returns the state once it is right, or the last one: the server looks at its parts once a second.
      func health(_ isRight: (Health) -> Bool) async throws -> Health {
        var state = Health(status: "unknown")
        for _ in 0..<100 where !isRight(state) {
          try await Task.sleep(for: .milliseconds(50))
          state = try JSONDecoder().decode(
            Health.self, from: Data(try await deployment.curl(#"curl -sf "$KITTY/health/ready""#).utf8))
        }
        return state
      }

      #expect(try await deployment.curl(upload, ["TOKEN": token]).contains("hash"))
      // No room for the upload; then for the upload, but not for what is made of it.
      for kilobytes in [0, 48] {
        try await fill(leaving: kilobytes)
        let answer = try await deployment.curl(upload, ["TOKEN": token])
        let problem = try JSONDecoder().decode(Problem.self, from: Data(answer.utf8))
        #expect(problem.status == 503 && problem.code == "unavailable", "\(kilobytes): \(problem)")
        #expect(problem.detail.contains("The disk of the server is full"), "\(kilobytes): \(problem)")
        let state = try await health { $0.status == "degraded" }
        #expect(
          state.status == "degraded" && state.parts?["data folder"]?.contains("full") == true, "\(state)")
        let me =
          #"curl -s -o /dev/null -w '%{http_code}' "$KITTY/v1/groups" -H "Authorization: Bearer $TOKEN" "#
        let group = me + #"--json '{"name": "Flat", "currency": "EUR"}'"#
        #expect(try await deployment.curl(group, ["TOKEN": token]) == "201")
        try await empty()
      }
      #expect(try await health { $0.status == "ok" }.status == "ok")
      #expect(try await deployment.curl(upload, ["TOKEN": token]).contains("hash"))
      let log = try deployment.log("server.log")
      #expect(!log.contains(#""message":"fault""#) && log.contains("the disk is full"), "\(log.suffix(3000))")
    }
  }
}
