import FoundationEssentials
import KittyShared

// Folders of `kittycash export --all`.

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
    let texts = [group, new, format?.rawValue, currency, decimal, dates, encoding]
    guard texts.allSatisfy({ $0 == nil }), map.isEmpty, column.isEmpty, !acceptDifferences, !keepTwins else {
      throw CommandFailure(
        .usage,
        "Each group of a folder becomes a new group as it was: only --dry-run and --again go with a folder. For other options name the books.json of a group in it."
      )
    }
    let folders = try Self.groups(in: path(environment))
    // Without the groups of the user, none of the folder is among them.
    let mine = again ? [] : try await connection.allGroups()
    var folderImport = FolderImport(command: self, connection, environment, mine: mine)
    try await folderImport.run(folders)
  }

  /// Returns the folders of groups: those with the books as JSON.
  static func groups(in top: String) throws(CommandFailure) -> [String] {
    func hasBooks(_ folder: String) -> Bool {
      var isFolder = false
      return FileManager.default.fileExists(atPath: "\(folder)/books.json", isDirectory: &isFolder)
        && !isFolder
    }
    if hasBooks(top) { return [top] }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: top)) ?? []).sorted()
    let found = names.map { "\(top)/\($0)" }.filter(hasBooks)
    guard found.isEmpty else { return found }
    throw CommandFailure(
      .failed,
      "\(top) has no group: name a folder that \"kittycash export --all\" made, or the folder of a group in it."
    )
  }
}
