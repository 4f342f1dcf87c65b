import ArgumentParser
import FoundationEssentials
import KittyShared

/// `kittycash import`.
struct ImportCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import the books of a group from a file of \"kittycash export\".",
    discussion: """
      kittycash import flat.json
      kittycash export flat | kittycash import - --server https://other.example.org

      The file has the name of the group, its currency, members and entries. Without --group it becomes a new group. \
      --plain: id and name of the group.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(
    help: ArgumentHelp(
      "A group of yours without entries, or a name for a new one until the file is imported.",
      valueName: "group"),
    completion: GroupCompletion.kind)
  var group: String?
  @Argument(help: "The file, or - for standard input.") var file: String

  /// The size of a file from standard input, which is kept in memory.
  private static let maxBytes = 64 << 20

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    let body = try body(environment)
    let (id, isNew) = try await target(connection)
    let key = ID(at: .now)
    let imported: Answer<ImportedGroup>
    do throws(CommandFailure) {
      imported = try await connection.ask(key: key) { (api) throws(ClientFailure) in
        try await api.importFile(into: id, body, key: key)
      }
    } catch {
      // The server refused the file: no empty group stays.
      if isNew, error.status == .refused {
        do throws(CommandFailure) {
          try await connection.ask { (api) throws(ClientFailure) in
            try await api.call(Endpoints.deleteGroup, [id])
          }
        } catch {
          environment.printMessage("An empty group was created: remove it. \(SafeText(error.message))")
        }
      }
      throw error
    }
    var report = Report(json: imported.bytes)
    let (made, renamed) = (imported.value.group, imported.value.renamed ?? [])
    report.fields = [["\(made.id)", "\(made.name)"]]
    let names = renamed.map { "\($0.from) is \($0.to) now." }.joined(separator: " ")
    report.note = "Imported \(made.name). \(names)"
    try output.write(report, environment)
  }

  private func body(_ environment: CommandEnvironment) throws(CommandFailure) -> UploadBody {
    guard file == "-" else {
      try environment.requireFiles()
      do { return .file(try ImportFile(path: file, home: environment.variables["HOME"] ?? "/").path) } catch {
        throw CommandFailure(.failed, "\(error)")
      }
    }
    let bytes = try environment.readAll(Self.maxBytes)
    guard bytes.count <= Self.maxBytes else {
      throw CommandFailure(.failed, "The file is above \(Self.maxBytes >> 20) MiB.")
    }
    guard !bytes.isEmpty else { throw CommandFailure(.usage, "Standard input has no file.") }
    return .bytes(bytes)
  }

  /// Finds the group, or makes a new one.
  private func target(_ connection: Connection) async throws(CommandFailure) -> (ID, isNew: Bool) {
    if let group {
      do throws(CommandFailure) { return (try await connection.group(group), false) } catch {
        guard error.status == .notFound else { throw error }
      }
    }
    let new = NewGroup(
      id: ID(at: .now), name: group ?? "Import", currency: Currency(code: "EUR"))
    let made: Group = try await connection.ask { (api) throws(ClientFailure) in
      try await api.create(Endpoints.createGroup, [], new)
    }
    return (made.id, true)
  }
}
