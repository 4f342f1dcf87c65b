import FoundationEssentials
import Logging

/// The line of an operator's command in the log file. Standard output is for people, so without `LOG_FILE` there is none.
enum OperatorLog {
  /// Writes the line of the running command, which has succeeded: its name and its first argument, such as the name of a
  /// user. No argument of a command is secret.
  static func note(_ settings: Settings) {
    guard let file = settings.logFile.map({ LogFile($0) }) else { return }
    let words = ProcessInfo.processInfo.arguments.dropFirst().prefix { !$0.hasPrefix("-") }.prefix(3)
    JSONLogHandler.logger(
      "kittycash-server", level: .notice, to: LogOutput(file: file, isPrinting: false)
    ).note(.operatorCommand, ["command": "\(words.joined(separator: " "))"])
    file.flush()
  }
}
