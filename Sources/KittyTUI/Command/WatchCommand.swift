import ArgumentParser
import KittyShared
import POSIX
import SystemPackage

/// `kittycash watch`.
struct WatchCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Print the entries of a group as they are entered, changed or deleted.",
    discussion: """
      It runs until it is stopped with Ctrl-C, or its output is closed. A line is printed for each entry, with --json an \
      object. --plain: as "kittycash entries".
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(help: "The seconds between two questions to the server, 1 to 3600.")
  var interval = 2
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

  func validate() throws {
    guard (1...3600).contains(interval) else { throw ValidationError("--interval is from 1 to 3600.") }
  }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    let id = try await connection.group(group)
    var since = try await sequence(id, connection)
    if output.json == false, output.plain == false {
      environment.printMessage("Waiting for changes. Ctrl-C ends.")
    }
    while try await pause(environment) {
      do throws(CommandFailure) {
        let changes = try await changes(id, since, connection)
        if !changes.entries.isEmpty {
          try write(changes.entries, EntryRows(people: try await connection.people(in: id)), environment)
        }
        since = changes.sequence
      } catch  where error.code == "start_anew" {
        // An import has replaced the books.
        since = 0
      } catch  where error.status == .unreachable {
        environment.printMessage("kittycash: \(SafeText(error.message))")
      }
    }
  }

  /// Reads the entries that changed after a sequence, and the sequence after them.
  private func changes(
    _ group: ID, _ since: Int64, _ connection: Connection
  ) async throws(CommandFailure) -> (entries: [Entry], sequence: Int64) {
    var (entries, sequence, next): ([Entry], Int64, String?) = ([], since, nil)
    repeat {
      let cursor = next
      let page: Page<Entry> = try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(
          Endpoints.entries, [group],
          query: [("since", "\(since)")] + (cursor.map { [("cursor", $0)] } ?? []))
      }
      entries += page.items
      sequence = page.sequence ?? sequence
      next = page.next
    } while next != nil
    return (entries, sequence)
  }

  private func sequence(_ group: ID, _ connection: Connection) async throws(CommandFailure) -> Int64 {
    let group: Group = try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.group, [group])
    }
    return group.sequence
  }

  private func write(
    _ entries: [Entry], _ rows: EntryRows, _ environment: CommandEnvironment
  ) throws(CommandFailure) {
    var bytes: [UInt8] = []
    for entry in entries {
      if output.json {
        do { bytes += SafeJSON.bytes(try JSON.bytes(of: entry)) + (bytes.last == 10 ? [] : [10]) } catch {
          throw CommandFailure(.failed, "The entry cannot be written: \(error)")
        }
      } else {
        let fields = rows.fields(entry.content, number: entry.number, id: entry.id).map(\.string)
        let line =
          output.plain ? fields.joined(separator: "\t") : Self.line(fields, isDeleted: entry.deletedAt != nil)
        bytes += Array("\(line)\n".utf8)
      }
    }
    try environment.write(bytes)
  }

  /// Returns a line for people: day, number, amount and words.
  private static func line(_ fields: [String], isDeleted: Bool) -> String {
    let (number, day, amount, currency) = (fields[0], fields[1], fields[3], fields[4])
    return "\(day)  #\(number)  \(amount) \(currency)  \(fields[7])\(isDeleted ? "  (deleted)" : "")"
  }

  /// Waits for the next question.
  /// - Returns: `false` when the output was closed: over ssh, by the end of the connection.
  private func pause(_ environment: CommandEnvironment) async throws(CommandFailure) -> Bool {
    for _ in 0..<(interval * 2) {
      do { try await Task.sleep(for: .milliseconds(500)) } catch { return false }
      if environment.isClosed() { return false }
    }
    return true
  }
}
