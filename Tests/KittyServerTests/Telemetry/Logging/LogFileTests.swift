import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyServer

/// The log file: it is rotated when full, and no failure of it delays a request.
@Suite struct LogFileTests {
  /// Runs `body` with a temporary folder.
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "kitty-log-" + ID(at: .now).description
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private func lines(_ path: String) throws -> [String] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"), "\(path) does not end with a newline")
    return text.split(separator: "\n").map(String.init)
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func line(_ number: Int, _ length: Int = 100) -> Data {
    Data(("\(number) ".padding(toLength: length - 1, withPad: "x", startingAt: 0) + "\n").utf8)
  }

  @Test func fullFileIsRotatedAndOldFilesAreRemoved() async throws {
    try await withFolder { folder in
      let path = folder + "/kittycash.log"
      var file = RotatingFile(path: path, maxBytes: 1050, kept: 3)
      for number in 1...62 { try file.append(line(number)) }
      #expect(
        try names(folder) == ["kittycash.log", "kittycash.log.1", "kittycash.log.2", "kittycash.log.3"])
      // Each file has ten lines of a hundred bytes; the newest are in the file itself.
      for (name, numbers) in [("", 61...62), (".1", 51...60), (".2", 41...50), (".3", 31...40)] {
        let found = try lines(path + name)
        #expect(found.compactMap { Int($0.prefix { $0 != " " }) } == Array(numbers))
        #expect(found.allSatisfy { $0.utf8.count == 99 })
        let mode = try FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions]
        #expect(mode as? Int == 0o640)
      }
      // A restarted program continues the file.
      var next = RotatingFile(path: path, maxBytes: 1050, kept: 3)
      for number in 63...71 { try next.append(line(number)) }
      #expect(try lines(path).count == 1)
      #expect(try lines(path + ".1").count == 10)
    }
  }

  @Test func longLineIsNotSplitBetweenFiles() async throws {
    try await withFolder { folder in
      let path = folder + "/a.log"
      var file = RotatingFile(path: path, maxBytes: 1024, kept: 9)
      try file.append(line(1))
      try file.append(line(2, 5000))
      try file.append(line(3))
      #expect(try lines(path).map(\.count) == [99])
      #expect(try lines(path + ".1").map(\.count) == [4999])
      #expect(try lines(path + ".2").map(\.count) == [99])
    }
  }

  private final class SharedFile: Sendable {
    let file: Mutex<RotatingFile>
    init(_ path: String) { file = Mutex(RotatingFile(path: path, maxBytes: 10_000, kept: 1000)) }
  }

  @Test func processesAndThreadsShareOneFile() async throws {
    try await withFolder { folder in
      let path = folder + "/a.log"
      // Three open files, as three processes have.
      let sharedFiles = (0..<3).map { _ in SharedFile(path) }
      try await withThrowingTaskGroup { group in
        for task in 0..<6 {
          group.addTask {
            for number in 0..<500 {
              try sharedFiles[task % 3].file.withLock { try $0.append(self.line(task * 1000 + number)) }
            }
          }
        }
        try await group.waitForAll()
      }
      let files = try names(folder)
      // While one process renames the files, the others continue to write.
      #expect(files.count >= 6, "\(files)")
      let found = try files.flatMap { try lines(folder + "/" + $0) }
      #expect(found.allSatisfy { $0.utf8.count == 99 })
      let numbers = found.compactMap { Int($0.prefix { $0 != " " }) }
      #expect(numbers.count == 3000)
      #expect(Set(numbers).count == 3000)
    }
  }

  @Test func movedFileIsCreatedAgain() async throws {
    try await withFolder { folder in
      let path = folder + "/a.log"
      var file = RotatingFile(path: path, maxBytes: 10_000, kept: 5)
      try file.append(line(1))
      try FileManager.default.moveItem(atPath: path, toPath: folder + "/moved")
      try file.append(line(2))
      try FileManager.default.removeItem(atPath: path)
      try file.append(line(3))
      #expect(try lines(folder + "/moved").map { $0.first } == ["1"])
      #expect(try lines(path).map { $0.first } == ["3"])
      // An existing file of that name is continued.
      try Data("kept\n".utf8).write(to: URL(filePath: path), options: .atomic)
      try file.append(line(4))
      #expect(try lines(path).map { $0.first } == ["k", "4"])
    }
  }

  @Test func failedWritesAreReportedOnceAndCounted() async throws {
    try await withFolder { folder in
      let reports = Mutex<[String]>([])
      let path = folder + "/missing/a.log"
      let log = LogFile(RotatingFile(path: path, maxBytes: 1 << 20, kept: 5)) { sentence in
        reports.withLock { $0.append(sentence) }
      }
      for number in 0..<50 { log.write(line(number)) }
      try await until { log.dropped.value == 50 }
      let sentences = reports.withLock { $0 }
      try #require(sentences.count == 1, "\(sentences)")
      #expect(sentences[0].contains(path), "\(sentences)")
      #expect(sentences[0].contains("No such file or directory"), "\(sentences)")
      // Once the folder exists, the log is written again.
      try FileManager.default.createDirectory(atPath: folder + "/missing", withIntermediateDirectories: true)
      try await until {
        log.write(line(51))
        log.flush()
        return FileManager.default.fileExists(atPath: path)
      }
      #expect(try lines(path).allSatisfy { $0.hasPrefix("51 ") })
      #expect(reports.withLock { $0.count } == 1)
    }
  }

  @Test(arguments: ["folder", "device", "pipe"]) func pathThatIsNotAFileIsRefused(kind: String) async throws {
    try await withFolder { folder in
      var path = folder
      if kind == "device" { path = "/dev/full" }
      if kind == "pipe" {
        path = folder + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
      }
      var file = RotatingFile(path: path, maxBytes: 1 << 20, kept: 5)
      #expect(throws: RotatingFile.Failure.self) { try file.append(line(1)) }
      // For a second the file is not opened again.
      let failure = #expect(throws: RotatingFile.Failure.self) { try file.append(line(2)) }
      #expect(failure?.problem == "is not tried")
    }
  }

  /// Limits the files of a program to one kilobyte, which has the effect of a full disk.
  @Test(.enabled(if: Backend.postgresURL != nil, "needs PostgreSQL: SQLite's file is larger"))
  func fullDiskCutsOneLineAndStopsNoProgram() async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await withFolder { folder in
      let path = folder + "/a.log"
      let before = String(repeating: "x", count: 99) + "\n"
      try String(repeating: before, count: 10).write(toFile: path, atomically: true, encoding: .utf8)
      let server = Bundle.main.bundleURL.appending(path: "kittycash-server").path
      let (status, output) = try await runProgram(
        "/bin/bash", ["-c", #"trap "" XFSZ; ulimit -f 1; exec "$0" migrate"#, server],
        [
          "DATABASE_URL": try #require(location.databaseURL), "DATA_DIR": folder + "/data", "LOG_FILE": path,
          "REDIS_URL": "",
        ])
      #expect(status == 0, "\(output)")
      #expect(output.contains("Applied 1, 2"), "\(output)")
      let complaints = output.split(separator: "\n").filter { $0.contains("File too large") }
      #expect(complaints.count == 1 && complaints.first?.contains(path) == true, "\(output)")
      #expect(output.components(separatedBy: #""message":"migrated""#).count - 1 == Migration.all.count)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.utf8.count == 1024 && text.hasPrefix(String(repeating: before, count: 10)))
    }
  }

  @Test func logIsOnStandardOutputAndInTheFile() async throws {
    try await withFolder { folder in
      let path = folder + "/a.log"
      let server = Bundle.main.bundleURL.appending(path: "kittycash-server").path
      let variables = ["DATA_DIR": folder + "/data", "DATABASE_URL": "", "REDIS_URL": ""]
      let first = try await runProgram(server, ["migrate", "--log-file", path], variables)
      #expect(first.status == 0)
      let printed = first.output.split(separator: "\n").filter { $0.hasPrefix("{") }.map(String.init)
      #expect(printed.count > Migration.all.count)
      #expect(try lines(path) == printed)
      // An error that ends the program is in the file too.
      let second = try await runProgram(
        server, ["migrate", "--log-file", path, "--database-url", "postgresql://x@127.0.0.1:9/x"], variables)
      #expect(second.status == 1)
      #expect(try lines(path).last?.contains(#""level":"critical""#) == true)
    }
  }
}
