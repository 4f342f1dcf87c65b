import ArgumentParser
import FoundationEssentials
import KittyShared
import Logging

/// What all commands of an administrator share: where the data is, and how they print.
struct AdministrationOptions: ParsableArguments {
  @OptionGroup var flags: Settings.Flags
  @Flag(help: "Print JSON, for programs.") var json = false

  /// Runs `body` with the dependencies of a server on data that is there and up to date. It writes no log: what
  /// goes wrong is said on standard error.
  func run(_ body: (Dependencies) async throws -> Void) async throws {
    let settings = try await Settings.orExit(flags)
    let logger = Logger(label: "kittycash-server") { _ in SwiftLogNoOpLogHandler() }
    try await Startup.run(logger) {
      try DatabaseNotReady.requireFile(of: settings)
      let dependencies = try await Dependencies(settings, logger: logger)
      do {
        try await DatabaseNotReady.requireSchema(of: dependencies.database)
        try await body(dependencies)
      } catch {
        await dependencies.close()
        throw error
      }
      await dependencies.close()
    }
  }

  /// Prints one value as JSON, or a text for people.
  func output(_ value: some Encodable, _ text: @autoclosure () -> String) throws {
    StandardOutput.write(Data((json ? try JSON.text(of: value) : text()).utf8) + Data("\n".utf8))
  }

  /// Lines of columns under a head, as wide as what is in them; the last one is not filled up.
  static func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines = [head] + rows
    let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      zip(line, widths).dropLast().map { text, width in
        text + String(repeating: " ", count: width - text.count)
      }.joined(separator: "  ") + "  " + (line.last ?? "")
    }.map { String($0.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
  }
}

/// A command was given something that there is not.
struct NotFoundError: Error, CustomStringConvertible {
  let description: String
}
