import FoundationEssentials
import KittyShared

/// Destinations of the log: standard output, and a file when one is configured.
struct LogOutput: Sendable {
  var file: LogFile?
  /// `false` for a command whose standard output is for people.
  var isPrinting = true

  /// Writes a line of JSON, which ends with a line feed. Invisible controls are escaped: a request must not steer the
  /// terminal on which an administrator reads its line.
  func write(_ line: Data) {
    let line = Self.safe(line)
    if isPrinting { StandardOutput.write(line) }
    file?.write(line)
  }

  private static func safe(_ line: Data) -> Data {
    // The encoder has escaped what is below a space; nearly all lines have nothing above `~`.
    guard line.contains(where: { $0 > UInt8(ascii: "~") }) else { return line }
    return Data(String(decoding: line, as: UTF8.self).withoutInvisibleControls.utf8)
  }
}
