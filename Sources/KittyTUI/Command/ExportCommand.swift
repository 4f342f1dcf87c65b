import ArgumentParser
import FoundationEssentials
import KittyShared

/// `kittycash export`.
struct ExportCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Export the books of a group as a file, or all groups into a folder.",
    discussion: """
      kittycash export flat --format hledger > flat.journal
      kittycash export flat --excel > flat.csv
      kittycash export --all ~/kittycash-2026

      --format xlsx writes a workbook for Excel. --excel writes a table with the decimal mark of your language, and semicolons
      where that is the comma.
      --all makes a folder for each group, archived ones too, with its books in each format of text and its receipts.
      A group that cannot be read is named, and the others are saved. Where the server asks to wait, it is done.
      """)

  @OptionGroup var serverOption: ServerOption
  @Option(help: "The format of the file.")
  var format: ExportFormat?
  @Flag(help: "Write a table for Excel in your language.") var excel = false
  @Option(
    help: ArgumentHelp("A new folder for all groups, each in each format of text.", valueName: "folder"),
    completion: .directory)
  var all: String?
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String?

  func validate() throws {
    guard (group == nil) != (all == nil) else {
      throw ValidationError("Name a group, or a new folder for all groups with --all.")
    }
    guard all == nil || (format == nil && !excel) else {
      throw ValidationError("--all writes every format: leave --format and --excel out.")
    }
    guard !excel || format == nil || format == .csv else {
      throw ValidationError("--excel writes a table: leave --format out.")
    }
  }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(serverOption, environment).signedIn()
    // The responses that grow with the group and have no pages.
    connection.api = connection.api.accepting(1 << 30)
    connection = connection.patient(environment)
    if let all { return try await export(all, connection, environment) }
    let id = try await connection.group(group ?? "")
    let format = format ?? (excel ? .csv : .json)
    guard format.isText || !environment.isTerminal else {
      throw CommandFailure(
        .usage, "A terminal cannot show a workbook: write it into a file with > books.xlsx.")
    }
    let locale = excel ? DecimalMark.locale(environment.variables) ?? "" : nil
    let bytes = try await connection.export(id, format, excelIn: locale)
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

extension Connection {
  /// Reads the books of a group as a file.
  /// - Parameter locale: The locale of a table for Excel, such as `de_CH.UTF-8`; `nil` for other programs.
  func export(
    _ group: ID, _ format: ExportFormat, excelIn locale: String? = nil
  ) async throws(CommandFailure) -> [UInt8] {
    let query = [("format", format.rawValue)] + (locale == nil ? [] : [("for", "excel")])
    let language = locale?.split { $0 == "." || $0 == "@" }.first.map { name in
      String(
        name.replacing("_", with: "-").filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
    }
    return try await ask { (api) throws(ClientFailure) in
      try await api.file(
        Endpoints.export, [group], query: query, language: language, stallSeconds: format.stallSeconds)
    }
  }
}
