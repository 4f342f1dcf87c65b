import Foundation
import KittyShared
import Synchronization

@testable import KittyTUI

/// Runs a command like the program does, and records its streams.
struct CommandRun {
  var status = CommandStatus.done
  var output = ""
  var errors = ""
  /// The prompts, such as "Password".
  var questions: [String] = []

  /// The surroundings of the command.
  struct Stage {
    var server = "http://127.0.0.1:1"
    var isTerminal = false
    var environment: [String: String] = [:]
    /// The lines of the typed input, or of standard input.
    var lines: [String] = []
    var bytes: [UInt8] = []
    var pauses: [Duration] = [.milliseconds(1), .milliseconds(1)]
  }

  private final class Streams: Sendable {
    let caught = Mutex(CommandRun())
    let lines: Mutex<[String]>
    init(_ lines: [String]) { self.lines = Mutex(lines) }
  }

  static func run(_ arguments: [String], _ stage: Stage) async throws -> CommandRun {
    let streams = Streams(stage.lines)
    let environment = CommandEnvironment(
      variables: stage.environment.merging(["KITTYCASH_SERVER": stage.server]) { mine, _ in mine },
      date: { $0 == "Pacific/Auckland" ? Day("2026-11-25")! : Day("2026-11-24")! },
      isTerminal: stage.isTerminal, isInteractive: false, pauses: stage.pauses,
      write: { bytes in streams.caught.withLock { $0.output += String(decoding: bytes, as: UTF8.self) } },
      printMessage: { text in streams.caught.withLock { $0.errors += text.string + "\n" } },
      ask: { prompt, _ in
        streams.caught.withLock { $0.questions.append(prompt.string) }
        return streams.lines.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      },
      readAll: { _ in stage.bytes },
      spool: { (start) throws(CommandFailure) in
        throw CommandFailure(.failed, "\(start.count) bytes are more than a test sends.")
      })
    guard let command = try KittyTUI.parseAsRoot(arguments) as? any ScriptCommand else {
      throw CocoaError(.featureUnsupported)
    }
    let status = await ScriptRun.run(command, environment)
    var run = streams.caught.withLock { $0 }
    run.status = status
    return run
  }
}
