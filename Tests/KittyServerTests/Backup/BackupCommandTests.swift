import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The commands `backup`, `restore` and `check`, run as programs.
@Suite struct BackupCommandTests {
  private static let program = Bundle.main.bundleURL.appending(path: "kittycash-server").path

  private static func run(_ arguments: [String], at location: TestServer.DataLocation, redis: String? = nil)
    async throws -> (
      status: Int32, output: String
    )
  {
    try await runProgram(program, arguments, variables(location, redis))
  }

  private static func variables(_ location: TestServer.DataLocation, _ redis: String? = nil) -> [String:
    String]
  {
    ["DATA_DIR": location.folder, "DATABASE_URL": location.databaseURL ?? "", "REDIS_URL": redis ?? ""]
  }

  @Test func archiveIsPrivateAndReplacesNoFile() async throws {
    try await ArchiveFixture.run { archives in
      try await GroupFixture.full(on: .sqlite, steps: 3) { books, _ in
        let location = TestServer.DataLocation(folder: books.server.folder)
        let file = archives.path("a.tar")
        let made = try await Self.run(["backup", file], at: location)
        #expect(made.status == 0 && made.output.contains("2 photos"), "\(made.output)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        let size = try Data(contentsOf: URL(filePath: file)).count
        let again = try await Self.run(["backup", file], at: location)
        #expect(again.status == 1 && again.output.contains("already exists"), "\(again.output)")
        #expect(try Data(contentsOf: URL(filePath: file)).count == size)
        #expect(try FileManager.default.contentsOfDirectory(atPath: archives.folder) == ["a.tar"])

        // tar and sha256sum can read it.
        let list = try await runProgram("/bin/tar", ["-tf", file])
        #expect(list.status == 0 && list.output.hasPrefix("manifest.json\ntables/users/000001.jsonl\n"))
        try FileManager.default.createDirectory(
          atPath: archives.path("x"), withIntermediateDirectories: false)
        #expect(try await runProgram("/bin/tar", ["-xf", file, "-C", archives.path("x")]).status == 0)
        let sums = try await runProgram(
          "/bin/sh", ["-c", "cd \(archives.path("x")) && sha256sum --quiet --check SHA256SUMS"])
        #expect(sums.status == 0, "\(sums.output)")

        // To standard output, to a full disk, and to a missing folder.
        let piped = try await runProgram(
          "/bin/sh", ["-c", "\(Self.program) backup - 2>/dev/null > \(archives.path("b.tar"))"],
          Self.variables(location))
        #expect(piped.status == 0)
        _ = try ArchiveReader(archives.path("b.tar")).verify()
        let full = try await runProgram(
          "/bin/sh", ["-c", "\(Self.program) backup - > /dev/full"], Self.variables(location))
        #expect(full.status == 1 && full.output.contains("No space left on device"), "\(full.output)")
        let nowhere = try await Self.run(["backup", archives.path("none/a.tar")], at: location)
        #expect(
          nowhere.status == 1 && nowhere.output.contains("No such file or directory"), "\(nowhere.output)")

        // A missing photo is reported, and everything else is saved.
        let photo = try #require(try await books.get(User.self, "/v1/me").photo)
        let path = try #require(books.server.dependencies.photos.file(photo.hash, .small))
        let bytes = try Data(contentsOf: URL(filePath: path))
        try FileManager.default.removeItem(atPath: path)
        let lost = try await Self.run(["backup", archives.path("c.tar")], at: location)
        #expect(lost.status == 2 && lost.output.contains(photo.hash), "\(lost.output)")
        try await ArchiveFixture.empty(on: .sqlite) { _, target in
          let restored = try await Self.run(["restore", archives.path("c.tar")], at: target)
          #expect(restored.status == 2 && restored.output.contains(photo.hash), "\(restored.output)")
        }
        try bytes.write(to: URL(filePath: path))
      }
    }
  }

  @Test(arguments: Backend.available) func runningServerSeesRestoredData(backend: Backend) async throws {
    let redis = backend == .postgres ? Backend.redisURL : nil
    try await ArchiveFixture.run { archives in
      try await GroupFixture.full(on: .sqlite, steps: 3) { books, apiToken in
        let source = TestServer.DataLocation(folder: books.server.folder)
        #expect(try await Self.run(["backup", archives.path("a.tar")], at: source).status == 0)
        let occupied = try await Self.run(["restore", archives.path("a.tar")], at: source)
        #expect(occupied.status == 1 && occupied.output.contains("empty installation"), "\(occupied.output)")
        let location = try await TestServer.DataLocation(on: backend)
        defer { location.remove() }
        try await TestServer.run(at: location, redis: redis) { server in
          #expect(try await server.send("GET", "/v1/me", token: books.token).status == 401)
          let missing = try await Self.run(["restore", archives.path("none.tar")], at: location)
          #expect(missing.status == 1 && missing.output.contains("No such file"), "\(missing.output)")
          let done = try await Self.run(["restore", archives.path("a.tar")], at: location, redis: redis)
          #expect(done.status == 0 && done.output.contains("2 photos"), "\(done.output)")
          try await until { try await server.send("GET", "/v1/me", token: books.token).status == 200 }
          #expect(try await server.send("GET", "/v1/groups", token: apiToken).status == 200)
          let exports = try await books.exports(from: server)
          #expect(try await books.exports(from: books.server) == exports)
          let check = try await Self.run(["check"], at: location, redis: redis)
          #expect(check.status == 0, "\(check.output)")
        }
      }
    }
  }
}

extension TestServer.DataLocation {
  /// Uses an existing data folder.
  init(folder: String) {
    self.folder = folder
    databaseURL = nil
  }
}
