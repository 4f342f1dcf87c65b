import Foundation
import KittyShared
import TestSupport
import Testing

/// A full disk with the data folder, while the database has room.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct FullDiskTests {
  /// A user namespace gives the server a disk of its own; some systems forbid it.
  private static func canMount() async throws -> Bool {
    try await shell("unshare -rm sh -c 'mount -t tmpfs tmpfs /mnt'").succeeded
  }

  /// Fills the disk, but for some kilobytes.
  private static func fill(_ deployment: Deployment, leaving kilobytes: Int) async throws {
    _ = try await deployment.curl(
      #"""
      data=/proc/$(cat "$DIR/server.pid")/root$DIR/data
      # `df` would look for the disk among those of this program.
      free=$(($(stat -f -c '%a * %S' "$data")))
      head -c $((free - LEFT * 1024)) /dev/zero >"$data/filler"
      """#, ["DIR": deployment.folder, "LEFT": String(kilobytes)])
  }

  private static func empty(_ deployment: Deployment) async throws {
    _ = try await deployment.curl(
      #"rm "/proc/$(cat "$DIR/server.pid")/root$DIR/data/filler""#, ["DIR": deployment.folder])
  }

  @Test(.enabled("SKIPPED: this system does not allow user namespaces") { try await canMount() })
  func uploadsAreRefusedAndTheRestGoesOn() async throws {
    try await Deployment.run(settings: ["DATA_SIZE": "12m"]) { deployment in
      _ = try await deployment.curl(
        #"curl -sf "$KITTY/v1/users" --json '{"name": "anna", "password": "a long password"}'"#)
      let token = try await deployment.curl(
        #"curl -sf "$KITTY/v1/sessions" --json '{"name": "anna", "password": "a long password"}' | jq -r .token"#
      )
      let upload = #"curl -s "$KITTY/v1/me/photo" -H "Authorization: Bearer $TOKEN" -T "$CAT""#
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
        try await Self.fill(deployment, leaving: kilobytes)
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
        try await Self.empty(deployment)
      }
      #expect(try await health { $0.status == "ok" }.status == "ok")
      #expect(try await deployment.curl(upload, ["TOKEN": token]).contains("hash"))
      let log = try deployment.log("server.log")
      #expect(!log.contains(#""message":"fault""#) && log.contains("the disk is full"), "\(log.suffix(3000))")
    }
  }

  /// A workbook needs room for its rows and for a copy of them, and no more.
  @Test(.enabled("SKIPPED: this system does not allow user namespaces") { try await canMount() })
  func workbookIsRefusedWithoutRoom() async throws {
    try await Deployment.run(settings: ["DATA_SIZE": "96m"]) { deployment in
      let token = try await deployment.curl(
        #"""
        curl -sf "$KITTY/v1/users" --json '{"name": "anna", "password": "a long password"}' >/dev/null
        curl -sf "$KITTY/v1/sessions" --json '{"name": "anna", "password": "a long password"}' | jq -r .token
        """#)
      let group = try await deployment.curl(
        #"""
        { echo Date,Description,Amount,Payer,Participants
          seq 6000 | awk '{print "2026-03-01,Dinner number " $1 " at the place,9.00,Anna,\"Anna, Bob\""}'; } >"$DIR/table.csv"
        group=$(curl -sf "$KITTY/v1/groups" -H "Authorization: Bearer $TOKEN" --json '{"name": "Flat", "currency": "EUR"}' | jq -r .id)
        curl -s "$KITTY/v1/groups/$group/imports?map=%7B%22Anna%22:%22me%22%7D" -H "Authorization: Bearer $TOKEN" \
          --data-binary @"$DIR/table.csv" | jq -e .expenses >/dev/null || exit 1
        echo "$group"
        """#, ["TOKEN": token, "DIR": deployment.folder])
      let export =
        #"curl -s -o "$DIR/x.xlsx" -w '%{http_code}' "$KITTY/v1/groups/$GROUP/export?format=xlsx" -H "Authorization: Bearer $TOKEN""#
      let values = ["TOKEN": token, "GROUP": group, "DIR": deployment.folder]
      #expect(try await deployment.curl(export, values) == "200")
      let size =
        #"python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(z.getinfo("xl/worksheets/sheet1.xml").file_size // 1024)' "$DIR/x.xlsx""#
      let kilobytes = try #require(Int(try await deployment.curl(size, values)))
      #expect(kilobytes > 8000)
      for (room, status) in [(2 * kilobytes + 6000, "200"), (2 * kilobytes, "503"), (kilobytes / 2, "503")] {
        try await Self.fill(deployment, leaving: room)
        #expect(try await deployment.curl(export, values) == status, "\(room) KiB for 2 × \(kilobytes)")
        if status == "200" {
          #expect(try await deployment.curl(size, values) == "\(kilobytes)")
        } else {
          let problem = try JSONDecoder().decode(
            Problem.self, from: Data(try await deployment.curl(#"cat "$DIR/x.xlsx""#, values).utf8))
          #expect(problem.code == "unavailable" && problem.detail.contains("cannot store the file"))
        }
        // Nothing is left behind.
        for _ in 0..<100 {
          let left = try await deployment.curl(
            #"ls "/proc/$(cat "$DIR/server.pid")/root$DIR/data/uploads" | wc -l"#, values)
          if left == "0" { break }
          try await Task.sleep(for: .milliseconds(50))
        }
        #expect(
          try await deployment.curl(
            #"ls "/proc/$(cat "$DIR/server.pid")/root$DIR/data/uploads" | wc -l"#, values) == "0")
        try await Self.empty(deployment)
      }
    }
  }
}
