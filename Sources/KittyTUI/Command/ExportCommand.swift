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
      """)

  @OptionGroup var serverOption: ServerOption
  @Option(help: "The format of the file.")
  var format: ExportFormat?
  @Flag(help: "Write a table for Excel in your language.") var excel = false
  @Option(
    help: ArgumentHelp("A new folder for all groups, each in each format.", valueName: "folder"),
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
    if let all { return try await export(all, connection, environment) }
    let id = try await connection.group(group ?? "")
    let format = format ?? (excel ? .csv : .json)
    guard format.isText || !environment.isTerminal else {
      throw CommandFailure(
        .usage, "A terminal cannot show a workbook: write it into a file with > books.xlsx.")
    }
    let mark = excel ? DecimalMark.ofLocale(environment.variables) ?? .point : nil
    let bytes = try await connection.export(id, format, excelWith: mark)
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
  /// - Parameter mark: The decimal mark of a table for Excel; `nil` for other programs.
  func export(
    _ group: ID, _ format: ExportFormat, excelWith mark: DecimalMark? = nil
  ) async throws(CommandFailure) -> [UInt8] {
    let excel = mark.map { [("for", "excel"), ("decimal", $0.rawValue)] } ?? []
    return try await ask { (api) throws(ClientFailure) in
      try await api.file(Endpoints.export, [group], query: [("format", format.rawValue)] + excel)
    }
  }
}

// MARK: - All groups

extension ExportCommand {
  /// Writes all groups into a new folder: one that is there already could have files that look like those of today.
  private func export(
    _ folder: String, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) {
    try environment.requireFiles()
    let top = PhotoFile.expanded(folder.trimmed, home: environment.variables["HOME"] ?? "/")
    try Self.make(top)
    var names: Set<String> = []
    var groups: [Group] = []
    for archived in [false, true] {
      groups += try await connection.ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.groups, query: [("archived", "\(archived)")]).value
      }
    }
    for group in groups {
      let path = "\(top)/\(Self.folder(for: group.name, beside: &names))"
      try Self.make(path)
      for format in ExportFormat.allCases where format.isText {
        let bytes = try await connection.export(group.id, format)
        try Self.write(bytes, "\(path)/books.\(format.ending)")
      }
      let withReceipts = try await connection.ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.entries, [group.id], query: [("q", "has:receipt")], limit: 1).value
      }
      if !withReceipts.isEmpty {
        let bytes = try await connection.ask { (api) throws(ClientFailure) in
          try await api.file(Endpoints.receipts, [group.id], query: [])
        }
        try Self.write(bytes, "\(path)/receipts.zip")
      }
      environment.printMessage("Saved \(SafeText(path)).")
    }
    if groups.isEmpty { environment.printMessage("You are in no group.") }
    try await exportAccount("\(top)/account.json", connection, environment)
  }

  /// Writes the data of the user's own account. An API token does not see it.
  private func exportAccount(
    _ path: String, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) {
    do throws(CommandFailure) {
      let bytes = try await connection.ask { (api) throws(ClientFailure) in
        try await api.file(Endpoints.exportMe, [], query: [])
      }
      try Self.write(bytes, path)
      environment.printMessage("Saved \(SafeText(path)): your account, without secrets.")
    } catch {
      guard error.code == "session_needed" || error.status == .notFound else { throw error }
      environment.printMessage("Your account is not saved: \(SafeText(error.message))")
    }
  }

  private static func make(_ folder: String) throws(CommandFailure) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    } catch {
      throw CommandFailure(
        .failed,
        "The folder \(folder) cannot be made. Name one that does not exist, in one that does.")
    }
  }

  private static func write(_ bytes: [UInt8], _ path: String) throws(CommandFailure) {
    do throws(ExportFile.Refusal) {
      try ExportFile(path: path, home: "/").write(bytes, replaces: false)
    } catch {
      throw CommandFailure(.failed, error.description)
    }
  }

  /// Returns the name of the folder of a group: names of groups may be equal, and may have characters that no file name has.
  static func folder(for name: String, beside names: inout Set<String>) -> String {
    let plain = name.replacingScalars { $0 == "/" || $0.isInvisibleControl || $0 == "\0" ? "-" : nil }
    // A name with a dot in front would be hidden, or mean another folder.
    var folder = String(String.UnicodeScalarView(plain.unicodeScalars.drop { $0 == "." })).trimmed
    if folder.isEmpty { folder = "group" }
    var free = folder
    var number = 2
    while !names.insert(free.nameKey).inserted {
      free = "\(folder) \(number)"
      number += 1
    }
    return free
  }
}
