import Foundation

/// Data in the gzip format for tests.
enum Gzip {
  /// Compresses bytes with the program gzip.
  static func compress(_ bytes: some Sequence<UInt8>) async throws -> [UInt8] {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "gzip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(bytes).write(to: folder.appending(path: "file"))
    return try await output("gzip -9 file", in: folder)
  }

  /// Compresses zeros, a thousandfold.
  static func bomb(_ count: Int) async throws -> [UInt8] {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "gzip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await output("head -c \(count) /dev/zero | gzip -9 > file.gz", in: folder)
  }

  private static func output(_ line: String, in folder: URL) async throws -> [UInt8] {
    let run = try await runProgram("/bin/sh", ["-c", "cd '\(folder.path)' && \(line)"])
    guard run.status == 0 else { throw CocoaError(.fileWriteUnknown) }
    return Array(try Data(contentsOf: folder.appending(path: "file.gz")))
  }
}
