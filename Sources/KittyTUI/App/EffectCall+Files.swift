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
      Endpoints.export, [group], query: [("format", format.rawValue)])
    do { try file.write(bytes, replaces: replaces) } catch { return .refused("\(error)") }
    return .exported(path: file.path, bytes: bytes.count)
  }

  /// Creates a group and imports a file into it, which gives it its name, currency, members and books.
  fileprivate func importGroup(from path: String, as id: ID, key: ID) async throws(ClientFailure) -> Message {
    guard hasFiles else { return .refused(Self.noFiles) }
    let file: ImportFile
    do { file = try ImportFile(path: path, home: home) } catch { return .refused("\(error)") }
    guard file.isExport else {
      return .refused(
        "\(file.path) is not an export of KittyCash as JSON. A file of another program: kittycash import FILE."
      )
    }
    let new = NewGroup(id: id, name: "Import", currency: Currency(code: "EUR"))
    do throws(ClientFailure) {
      let _: Group = try await api.create(Endpoints.createGroup, [], new)
    } catch {
      guard error.isTaken else { throw error }
      // The key of an old draft has ended, and the answer to it was lost.
      throw .madeBefore(
        "Not imported now: the group of this form exists, so the file was probably imported before. Look at the list of groups. Press ^S to import it into another group."
      )
    }
    let onProgress: @Sendable (Int64, Int64) -> Void = { [self] in
      post(.message(.progress(sent: $0, total: $1)))
    }
    do {
      return .imported(
        try await api.send(Endpoints.importGroup, [id], file: file.path, key: key, onProgress: onProgress))
    } catch {
      guard case .problem(let problem) = error, problem.code != "not_empty" else { throw error }
      // The server refused the file: no empty group stays.
      do { try await api.call(Endpoints.deleteGroup, [id]) } catch {
        throw .madeBefore(
          "Not imported. \(problem.words) An empty group \"Import\" was created: delete it in the list of groups."
        )
      }
      throw error
    }
  }
}
