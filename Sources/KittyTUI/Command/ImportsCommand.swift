import ArgumentParser
import KittyShared

/// `kittycash imports`.
struct ImportsCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "imports", abstract: "List the imports of a group, or undo one.",
    discussion: "--plain: id, format, number of entries, instant, id of the member who imported it.")

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(
    help: ArgumentHelp("Undo an import: its id, or last.", valueName: "import"))
  var undo: String?
  @Flag(help: "With --undo: also delete entries that were changed or commented since, with their history.")
  var force = false
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

  func validate() throws {
    guard undo != nil || !force else {
      throw ValidationError("--force belongs to --undo: name the import to undo, or leave --force out.")
    }
  }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    let group = try await connection.group(group)
    let imports = try await connection.ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.imports, [group])
    }
    guard let undo else {
      return try output.write(Self.report(imports.value, json: imports.bytes), environment)
    }
    guard let found = imports.value.first(where: { undo == "last" || "\($0.id)" == undo }) else {
      throw CommandFailure(
        .notFound,
        undo == "last"
          ? "The group has no import that can be undone."
          : "The group has no import \(undo). See kittycash imports.")
    }
    let query = force ? [("force", "true")] : []
    try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.undoImport, [group, found.id], query: query)
    }
    environment.printMessage("Undone: \(SafeText(found.words)).")
  }

  private static func report(_ imports: [ImportRecord], json: [UInt8]) -> Report {
    var report = Report(json: json)
    report.fields = imports.map {
      ["\($0.id)", "\($0.format.rawValue)", "\($0.entries)", "\($0.createdAt)", "\($0.createdBy)"]
    }
    report.tables = [
      Table(
        columns: [.init("Day"), .init("File of"), .init("Entries", isNumber: true), .init("Id")],
        rows: imports.map {
          [
            .init("\($0.createdAt.day)"), .init(SafeText($0.format.program)), .init("\($0.entries)"),
            .init("\($0.id)"),
          ]
        })
    ]
    if imports.isEmpty { report.note = "No import can be undone." }
    return report
  }
}
