import KittyShared

/// The calls of receipts.
extension EffectCall {
  static func addReceipt(_ entry: Entry, in group: ID, _ path: String) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.addReceipt(to: entry, in: group, path)
    }
  }

  static func removeReceipt(_ number: Int, of entry: ID, in group: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let changed: Entry = try await runner.api.call(Endpoints.removeReceipt, [group, entry, number])
      runner.post(.message(.stored(group: group, changed)))
      return .receiptRemoved(group: group, entry: entry, number)
    }
  }

  static func loadReceipt(_ number: Int, of entry: ID, in group: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let bytes = try await runner.api.download(
        Endpoints.receipt, [group, entry, number], query: [("size", "preview")])
      guard let preview = Preview(ppm: bytes) else {
        throw .unreadable("The server sent a picture that this client cannot draw.")
      }
      return .receipt(entry: entry, number, preview)
    }
  }

  static func saveReceipt(
    _ number: Int, of entry: ID, in group: ID, _ path: String, _ replaces: Bool
  ) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      try await runner.saveReceipt(number, of: entry, in: group, to: path, replaces: replaces)
    }
  }
}

extension EffectRunner {
  /// Sends a file as the next receipt of an entry.
  fileprivate func addReceipt(
    to entry: Entry, in group: ID, _ path: String
  ) async throws(ClientFailure) -> Message {
    guard hasFiles else { return .refused(Self.noFiles) }
    guard let number = entry.content.freeReceiptNumber else {
      return .refused("The entry has \(Receipt.maxNumber) receipts, which is the most. Remove one first.")
    }
    let file: ReceiptFile
    do { file = try ReceiptFile(path: path, home: home) } catch { return .refused("\(error)") }
    let changed: Entry = try await api.upload(
      Endpoints.setReceipt, [group, entry.id, number], file: file.path,
      query: file.name.map { [("name", $0)] } ?? [], ifMatch: entry.version, onProgress: onProgress)
    post(.message(.stored(group: group, changed)))
    return .receiptAdded(group: group, entry: entry.id, number)
  }

  /// Writes a receipt into a file.
  fileprivate func saveReceipt(
    _ number: Int, of entry: ID, in group: ID, to path: String, replaces: Bool
  ) async throws(ClientFailure) -> Message {
    guard hasFiles else { return .refused(Self.noFiles) }
    let file: ExportFile
    do { file = try ExportFile(path: path, home: home) } catch { return .refused("\(error)") }
    guard replaces || !file.exists else { return .fileExists(path) }
    let bytes = try await api.accepting(Receipt.maxBytes).file(
      Endpoints.receipt, [group, entry, number], query: [])
    do { try file.write(bytes, replaces: replaces) } catch { return .refused("\(error)") }
    return .exported(path: file.path, bytes: bytes.count)
  }
}
