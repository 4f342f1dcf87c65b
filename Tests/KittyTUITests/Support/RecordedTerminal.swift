import Foundation
import Testing

/// The program on a terminal of its own, with all bytes that it sent.
struct RecordedTerminal {
  var bytes: [UInt8] = []
  var status: Int32 = 0

  /// The program under test, beside the tests.
  private static let program =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    .map { ($0 as NSString).deletingLastPathComponent + "/kittycash" } ?? ""

  /// The reason why it cannot run here; `nil` when it can.
  static var missing: Comment? {
    if !FileManager.default.isExecutableFile(atPath: program) {
      return "the program is not built at \(program)"
    }
    return FileManager.default.isExecutableFile(atPath: "/usr/bin/script")
      ? nil : "script(1) of util-linux is not installed"
  }

  /// Runs the program and types: each text as soon as the words before it are on the screen.
  static func run(
    _ arguments: [String], _ environment: [String: String], in folder: String,
    _ steps: [(words: String, keys: String)]
  ) async throws -> RecordedTerminal {
    let file = folder + "/bytes"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    let command = ([program] + arguments).map { "'\($0)'" }.joined(separator: " ")
    process.arguments = ["-qefc", command, file]
    process.environment = environment.merging(["PATH": "/usr/bin:/bin", "HOME": folder, "SHELL": "/bin/sh"]) {
      mine, _ in mine
    }
    let keyboard = Pipe()
    process.standardInput = keyboard
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { if process.isRunning { process.terminate() } }
    func recorded() -> Data { (try? Data(contentsOf: URL(fileURLWithPath: file))) ?? Data() }
    var before = 0
    for step in steps {
      try await wait(for: step.words) { round in
        // A frame has only what differs from the one before, which may break the words: ask for whole ones.
        if round % 25 == 24 { try? keyboard.fileHandleForWriting.write(contentsOf: Data([12])) }
        let new = recorded().dropFirst(before)
        return !process.isRunning || new.range(of: Data(step.words.utf8)) != nil
      }
      before = recorded().count
      try keyboard.fileHandleForWriting.write(contentsOf: Data(step.keys.utf8))
    }
    try await wait(for: "the end") { _ in !process.isRunning }
    var recording = RecordedTerminal()
    recording.status = process.terminationStatus
    // script(1) adds a line at each end.
    let lines = recorded().split(separator: 10, omittingEmptySubsequences: false)
    recording.bytes = Array(lines.dropFirst().joined(separator: [10]))
    if let end = recorded().range(of: Data("\nScript done".utf8), options: .backwards) {
      recording.bytes = Array(recorded()[..<end.lowerBound].drop { $0 != 10 })
    }
    return recording
  }

  private static func wait(for what: String, _ isDone: (_ round: Int) -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    var round = 0
    while !isDone(round) {
      try #require(ContinuousClock.now < end, "\(what) did not come")
      try await Task.sleep(for: .milliseconds(20))
      round += 1
    }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The control sequences and control characters, each with its parameters.
  var controls: [String] {
    var controls: [String] = []
    var rest = text.unicodeScalars[...]
    func take(_ count: Int) -> String {
      defer { rest = rest.dropFirst(count) }
      return String(String.UnicodeScalarView(rest.prefix(count)))
    }
    while let first = rest.first {
      guard first.value < 0x20 || (0x7f..<0xa0).contains(first.value) else {
        rest.removeFirst()
        continue
      }
      let tail = rest.dropFirst()
      switch (first, tail.first) {
      case ("\u{1b}", "["):
        let length = tail.dropFirst().prefix { (0x20..<0x40).contains($0.value) }.count
        controls.append(take(length + 3))
      case ("\u{1b}", "]"), ("\u{1b}", "P"), ("\u{1b}", "_"):
        controls.append(take(tail.prefix { $0 != "\u{7}" && $0 != "\u{1b}" }.count + 1))
      case ("\u{1b}", "("), ("\u{1b}", ")"): controls.append(take(3))
      case ("\u{1b}", _): controls.append(take(2))
      default: controls.append(take(1))
      }
    }
    return controls
  }
}
