import Logging
import Synchronization

/// Keeps the lines of a log.
final class LogRecorder: Sendable {
  struct Line: Sendable {
    let level: Logger.Level
    let message: String
    let fields: [String: String]
  }

  private let lines = Mutex<[Line]>([])

  /// A logger that writes to the recorder.
  var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

  /// The lines of security events.
  var security: [Line] { lines.withLock { $0.filter { $0.message == "security" } } }

  /// All lines as one text.
  var text: String { lines.withLock { "\($0)" } }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(recorder: LogRecorder) { self.recorder = recorder }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let all = metadata.merging(event.metadata ?? [:]) { $1 }
      let line = Line(
        level: event.level, message: "\(event.message)", fields: all.mapValues { "\($0)" })
      recorder.lines.withLock { $0.append(line) }
    }
  }
}
