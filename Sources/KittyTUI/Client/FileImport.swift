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
  func run(as new: NewGroup) async throws(ClientFailure) -> (report: ImportReport, group: Group) {
    let made = try await groups.make(new)
    let answer = try await groups.removing(made.id) { () async throws(ClientFailure) in
      try await run(in: made.id, isDryRun: false)
    }
    return (answer.value, made)
  }

  /// Imports the file into a new group, or previews it.
  /// - Parameters:
  ///   - first: The group of the preview: its currency is a guess.
  ///   - name: The name that the user wants; `nil` for that in the file.
  /// - Returns: The group; `nil` after a preview, which leaves none.
  func run(
    as first: NewGroup, name: String?, isDryRun: Bool
  ) async throws(ClientFailure) -> (report: Answer<ImportReport>, group: ID?) {
    let tried = try await groups.make(first)
    let preview = try await groups.removing(tried.id) { () async throws(ClientFailure) in
      try await run(in: tried.id, isDryRun: true)
    }
    if isDryRun {
      await groups.remove(tried.id)
      return (preview, nil)
    }
    let group = try await fit(tried, to: preview.value, name: name)
    let answer = try await groups.removing(group.id) { () async throws(ClientFailure) in
      try await run(in: group.id, isDryRun: false)
    }
    return (answer, group.id)
  }

  /// Gives a group the name and the currency of a file; another currency needs another group.
  private func fit(
    _ group: Group, to report: ImportReport, name: String?
  ) async throws(ClientFailure) -> Group {
    let wanted = NewGroup(
      id: ID(at: .now), for: report, name: name, path: path, wishes, currency: group.currency)
    if let currency = wanted.currency, currency != group.currency {
      await groups.remove(group.id)
      return try await groups.make(wanted)
    }
    guard wanted.name != group.name else { return group }
    return try await groups.removing(group.id) { () async throws(ClientFailure) -> Group in
      try await api.call(
        Endpoints.changeGroup, [group.id], body: GroupChange(name: wanted.name), ifMatch: group.version)
    }
  }

  /// Previews the file in a group that is there for previews alone. It is deleted after each one and restored for the next, so
  /// the list of deleted groups has one for any number of previews.
  func preview(in lent: ID, currency: Currency?) async throws(ClientFailure) -> ImportReport {
    do throws(ClientFailure) {
      let _: Group = try await api.call(Endpoints.restoreGroup, [lent])
    } catch {
      guard case .problem(let problem) = error, problem.status == 404 else { throw error }
      let name = "Preview of \(NewGroup.name(of: path))".cut(to: 64)
      _ = try await groups.make(NewGroup(id: lent, name: name, currency: currency))
    }
    let report = try await groups.removing(lent) { () async throws(ClientFailure) in
      try await run(in: lent, isDryRun: true).value
    }
    await groups.remove(lent)
    return report
  }
}
