import FoundationEssentials
import KittyShared
import Logging

/// Log handler that writes each event as one line with a JSON object.
struct JSONLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level
  let label: String
  let output: LogOutput

  static func logger(_ label: String, level: Logger.Level, to output: LogOutput = LogOutput()) -> Logger {
    Logger(label: label) { JSONLogHandler(logLevel: level, label: $0, output: output) }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields: [String: String] = [:]
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
      fields[key] = "\(value)"
    }
    // Hummingbird's own request number. The log has `request` instead, which the client sees too.
    fields["hb.request.id"] = nil
    fields["time"] = Instant.now.description
    fields["level"] = event.level.rawValue
    fields["program"] = label
    fields["message"] = "\(event.message)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(fields) else { return }
    output.write(line + Data("\n".utf8))
  }
}
