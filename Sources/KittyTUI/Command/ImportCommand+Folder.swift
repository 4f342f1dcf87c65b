import FoundationEssentials
import KittyShared

// Folders of `kittycash export --all`: each group becomes a new one, and its receipts go to its entries again.

extension ImportCommand {
  /// Returns `true` when the file is a folder.
  func isFolder(_ environment: CommandEnvironment) throws(CommandFailure) -> Bool {
    guard file != "-" else { return false }
    try environment.requireFiles()
    var isFolder = false
    return FileManager.default.fileExists(atPath: path(environment), isDirectory: &isFolder) && isFolder
  }

  private func path(_ environment: CommandEnvironment) -> String {
    PhotoFile.expanded(file.trimmed, home: environment.variables["HOME"] ?? "/")
  }

  /// Imports each group of a folder, or the one that the folder is of.
  func importFolder(
    _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) {
    guard group == nil, !dryRun, map.isEmpty, column.isEmpty else {
      throw CommandFailure(
        .usage,
        "Each group of a folder becomes a new group: leave --group, --dry-run, --map and --column out, or name a file."
      )
    }
    let folders = try Self.groups(in: path(environment))
    var report = Report()
    var documents: [[UInt8]] = []
    for folder in folders {
      let books = try Self.books(in: folder)
      let imported = try await importExport(.file(books), into: nil, connection, environment)
      let made = imported.value.group
      documents.append(imported.bytes)
      let receipts = "\(folder)/receipts.zip"
      var count = 0
      if FileManager.default.fileExists(atPath: receipts) {
        count = try await add(ReceiptArchive(path: receipts), to: made, connection, environment)
      }
      report.fields.append(["\(made.id)", "\(made.name)", "\(count)"])
      environment.printMessage(
        SafeText(
          "Imported \(made.name) with \(count) \(count == 1 ? "receipt" : "receipts"). \(Self.renamed(imported.value))"
            .trimmed))
    }
    report.json = Array("[".utf8) + Array(documents.joined(separator: Array(",".utf8))) + Array("]".utf8)
    try output.write(report, environment)
  }

  /// Returns the folders of groups: those with the books as JSON.
  static func groups(in top: String) throws(CommandFailure) -> [String] {
    func hasBooks(_ folder: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/books.json") }
    if hasBooks(top) { return [top] }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: top)) ?? []).sorted()
    let found = names.map { "\(top)/\($0)" }.filter(hasBooks)
    guard found.isEmpty else { return found }
    throw CommandFailure(
      .failed,
      "\(top) has no group: name a folder that \"kittycash export --all\" made, or the folder of a group in it."
    )
  }

  private static func books(in folder: String) throws(CommandFailure) -> String {
    do {
      let file = try ImportFile(path: "\(folder)/books.json", home: "/")
      guard file.isExport else {
        throw CommandFailure(.failed, "\(file.path) is not an export of KittyCash as JSON.")
      }
      return file.path
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
  }

  /// Sends the receipts of a group to its entries. A receipt that the server refuses is said, and the others are sent.
  /// - Returns: The number of those that were sent.
  private func add(
    _ archive: ReceiptArchive, to group: Group, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) -> Int {
    var count = 0
    try await archive.forEach { refusal in
      CommandFailure(
        .failed,
        "\(group.name) was imported with \(count) receipts. \(refusal.description)")
    } _: { (file) async throws(CommandFailure) in
      do throws(CommandFailure) {
        _ = try await connection.ask { (api) throws(ClientFailure) in
          try await api.put(
            Endpoints.setReceipt, [group.id, file.entry, file.number], .bytes(file.bytes),
            query: [("name", file.name)])
        }
        count += 1
      } catch {
        guard error.status == .refused || error.status == .notFound else { throw error }
        environment.printMessage(
          "#\(file.entry) has no receipt \(SafeText(file.name)): \(SafeText(error.message))")
      }
    }
    return count
  }
}
