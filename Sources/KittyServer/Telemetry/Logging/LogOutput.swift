import FoundationEssentials

/// Destinations of the log: standard output, and a file when one is configured.
struct LogOutput: Sendable {
  var file: LogFile?

  /// Writes a line, which ends with a line feed.
  func write(_ line: Data) {
    StandardOutput.write(line)
    file?.write(line)
  }
}
