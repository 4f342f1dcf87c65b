import FoundationEssentials

/// Where the lines of the log go: standard output, and a file when one is set.
struct LogOutput: Sendable {
  var file: LogFile?

  /// Writes a line, which ends with a line feed.
  func write(_ line: Data) {
    StandardOutput.write(line)
    file?.write(line)
  }
}
