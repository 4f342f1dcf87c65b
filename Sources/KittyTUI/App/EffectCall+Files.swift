import KittyShared

/// The calls of exports and imports.
extension EffectCall {
  static func export(_ group: ID, _ format: ExportFormat, _ path: String, _ replaces: Bool) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      return try await runner.export(group, format, to: path, replaces: replaces)
    }
  }

  static func importGroup(_ path: String, _ id: ID, _ key: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return try await runner.importGroup(from: path, as: id, key: key)
    }
  }

  static func lookAtImport(_ path: String) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      guard runner.hasFiles else { return .refused(EffectRunner.noFiles) }
      do {
        let file = try ImportFile(path: path, home: runner.home)
        return .importFound(path: path, isExport: file.isExport)
      } catch {
        return .refused("\(error)")
      }
    }
  }
}

extension EffectRunner {
  static let noFiles =
    "Over this connection KittyCash does not read or write files of the machine it runs on."

  /// Writes the books of a group into a file.
  fileprivate func export(
    _ group: ID, _ format: ExportFormat, to path: String, replaces: Bool
  ) async throws(ClientFailure) -> Message {
    guard hasFiles else { return .refused(Self.noFiles) }
    let file: ExportFile
    do { file = try ExportFile(path: path, home: home) } catch { return .refused("\(error)") }
    guard replaces || !file.exists else { return .fileExists(path) }
    // The only response that grows with the group and has no pages.
    let bytes = try await api.accepting(512 << 20).file(
      Endpoints.export, [group], query: [("format", format.rawValue)], stallSeconds: format.stallSeconds)
    do { try file.write(bytes, replaces: replaces) } catch { return .refused("\(error)") }
    return .exported(path: file.path, bytes: bytes.count)
  }

  /// Creates a group and imports a file into it, which gives it its name, currency, members and books.
  fileprivate func importGroup(from path: String, as id: ID, key: ID) async throws(ClientFailure) -> Message {
    guard hasFiles else { return .refused(Self.noFiles) }
    let file: ImportFile
    do { file = try ImportFile(path: path, home: home) } catch { return .refused("\(error)") }
    let groups = GroupForFile(api: api, onLeftover: onLeftover)
    _ = try await groups.make(NewGroup(id: id, name: "Import", currency: Currency(code: "EUR")))
    return .imported(
      try await groups.removing(
        id,
        unless: { failure in
          // One that has entries was imported by an earlier attempt.
          guard case .problem(let problem) = failure else { return true }
          return problem.code == "not_empty"
        }
      ) { () async throws(ClientFailure) -> ImportedGroup in
        try await api.send(Endpoints.importGroup, [id], file: file.path, key: key, onProgress: onProgress)
      })
  }
}
