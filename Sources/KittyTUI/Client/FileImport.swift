import KittyShared

/// An import of a file of another program: into a group, or into one that is made for it.
struct FileImport: Sendable {
  let api: APIClient
  let body: UploadBody
  /// The path of the file, or `-`: a group for a file without a name gets its name.
  let path: String
  let wishes: ImportWishes
  let groups: GroupForFile
  let onProgress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)?

  /// - Parameter onLeftover: Told the reason why an empty group stays.
  init(
    _ api: APIClient, _ body: UploadBody, path: String, _ wishes: ImportWishes,
    onProgress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)? = nil,
    onLeftover: @escaping @Sendable (ClientFailure) -> Void
  ) {
    (self.api, self.body, self.path, self.wishes, self.onProgress) = (api, body, path, wishes, onProgress)
    groups = GroupForFile(api: api, onLeftover: onLeftover)
  }

  /// Imports the file into a group, or only tells what would be done. Repeated, it adds nothing.
  func run(in group: ID, isDryRun: Bool) async throws(ClientFailure) -> Answer<ImportReport> {
    try await api.importFile(
      body, into: group, query: wishes.query(isDryRun: isDryRun), isChange: !isDryRun, onProgress: onProgress)
  }

  /// Imports the file into a new group, of which a preview has told the name and the currency.
  func run(
    as new: NewGroup
  ) async throws(ClientFailure) -> (report: Answer<ImportReport>, group: Group) {
    let made = try await groups.make(new)
    let answer = try await groups.removing(made.id) { () async throws(ClientFailure) in
      try await run(in: made.id, isDryRun: false)
    }
    return (answer, made)
  }

  /// Imports the file into a new group, which gets the name and the currency of the file.
  /// - Parameter name: The name that the user wants; `nil` for that in the file.
  func run(
    as id: ID, name: String?
  ) async throws(ClientFailure) -> (report: Answer<ImportReport>, group: Group) {
    let preview = try await preview(as: id).value
    return try await run(as: NewGroup(id: id, for: preview, name: name, path: path))
  }

  /// Previews the file as a new group, which is not made.
  /// - Parameter id: The id with which the group will be made: the preview has the same odd cents.
  func preview(as id: ID) async throws(ClientFailure) -> Answer<ImportReport> {
    do throws(ClientFailure) {
      return try await api.previewImport(
        body, as: id, query: wishes.query(isDryRun: true), onProgress: onProgress)
    } catch {
      throw error.isTaken ? GroupForFile.madeBefore : error
    }
  }
}
