import KittyShared

/// The calls of files of other programs.
extension EffectCall {
  static func previewImport(_ target: ImportTarget, _ path: String, _ wishes: ImportWishes) -> EffectCall {
    ofFile(path, wishes) { (file) throws(ClientFailure) in
      switch target {
      case .group(let group): return .importPreviewed(try await file.run(in: group, isDryRun: true).value)
      case .new(let new):
        return .importPreviewed(try await file.preview(as: new.id ?? ID(at: .now)).value)
      }
    }
  }

  static func importFile(_ target: ImportTarget, _ path: String, _ wishes: ImportWishes) -> EffectCall {
    ofFile(path, wishes) { (file) throws(ClientFailure) in
      switch target {
      case .group(let group):
        return .fileImported(group: group, new: nil, try await file.run(in: group, isDryRun: false).value)
      case .new(let new):
        let (report, group) = try await file.run(as: new)
        return .fileImported(group: group.id, new: group, report.value)
      }
    }
  }

  /// Calls the server with a file of this machine.
  private static func ofFile(
    _ path: String, _ wishes: ImportWishes,
    _ body: @escaping @Sendable (FileImport) async throws(ClientFailure) -> Message
  ) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      switch runner.file(path, wishes) {
      case .success(let file): try await body(file)
      case .failure(let why): .refused(why.description)
      }
    }
  }

  static func loadImports(_ group: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      .imports(group: group, try await runner.api.all(Endpoints.imports, [group], limit: 2000))
    }
  }

  static func undoImport(_ record: ImportRecord, in group: ID, _ force: Bool) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(
        Endpoints.undoImport, [group, record.id], query: force ? [("force", "true")] : [])
      return .importUndone(group: group, record)
    }
  }
}

extension EffectRunner {
  /// Returns the import of a file on this machine.
  fileprivate func file(_ path: String, _ wishes: ImportWishes) -> Result<FileImport, ImportFile.Refusal> {
    guard hasFiles else { return .failure(.init(description: Self.noFiles)) }
    do throws(ImportFile.Refusal) {
      let found = try ImportFile(path: path, home: home)
      return .success(
        FileImport(
          api, .file(found.path), path: found.path, wishes, onProgress: onProgress, onLeftover: onLeftover))
    } catch {
      return .failure(error)
    }
  }

  /// Posts the progress of an upload.
  var onProgress: @Sendable (_ sent: Int64, _ total: Int64) -> Void {
    { [self] in post(.message(.progress(sent: $0, total: $1))) }
  }

  /// Tells that a group without entries stays.
  var onLeftover: @Sendable (ClientFailure) -> Void {
    { [self] in
      post(
        .message(
          .warning("An empty group was created: delete it in the list of groups. \($0.message)")))
    }
  }
}
