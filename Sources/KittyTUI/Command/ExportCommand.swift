import ArgumentParser
import KittyShared

/// `kittycash export`.
struct ExportCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Export the books of a group as a file.",
    discussion: "kittycash export flat --format hledger > flat.journal")

  @OptionGroup var serverOption: ServerOption
  @Option(help: "The format of the file.")
  var format = ExportFormat.json
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(serverOption, environment).signedIn()
    let id = try await connection.group(group)
    // The only response that grows with the group and has no pages.
    connection.api = connection.api.accepting(512 << 20)
    let bytes = try await connection.ask { (api) throws(ClientFailure) in
      try await api.file(Endpoints.export, [id], query: [("format", format.rawValue)])
    }
    // A file stays as it was received. On a terminal control characters are replaced.
    guard environment.isTerminal else { return try environment.write(bytes) }
    guard format != .json else { return try environment.write(SafeJSON.bytes(bytes)) }
    var lines = String(decoding: bytes, as: UTF8.self).withPlainLines.unicodeScalars.split(
      separator: "\n", omittingEmptySubsequences: false)
    // The byte order mark is for spreadsheets.
    if let first = lines.first, first.first == "\u{feff}" { lines[0] = first.dropFirst() }
    try environment.write(
      Array(lines.map { SafeText(Substring($0)).string }.joined(separator: "\n").utf8))
  }
}

extension ExportFormat: ExpressibleByArgument {}
