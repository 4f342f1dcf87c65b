import KittyShared

/// The calls of upload addresses.
extension EffectCall {
  static func createUpload(_ target: UploadTarget) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let input: NewUpload =
        switch target {
        case .photo(.group(let group)): NewUpload(group: group)
        case .photo: NewUpload()
        case .receipt(let group, let entry): NewUpload(group: group, entry: entry)
        }
      // The files as they are before: a new one may come at once.
      let known = try await runner.files(of: target).map(\.name)
      let address: UploadAddress = try await runner.api.call(
        Endpoints.createUpload, body: input, isChange: false)
      return .uploadAddress(target, address, known: known)
    }
  }

  static func awaitUpload(_ target: UploadTarget, _ known: [String], _ address: UploadAddress) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      var known = Set(known)
      while Instant.now < address.expiresAt {
        do { try await Task.sleep(for: .seconds(2)) } catch { throw .cancelled }
        do throws(ClientFailure) {
          let files = try await runner.files(of: target)
          guard let file = files.last(where: { !known.contains($0.name) }) else { continue }
          // Another user can add one meanwhile, so the address itself is asked.
          let isDone = try await runner.isUsed(address)
          if let changed = file.changed { runner.post(.message(changed)) }
          if isDone {
            runner.post(.message(file.message))
            return .uploadDone(address)
          }
          known = Set(files.map(\.name))
        } catch  where error.isTransient {
          // The address works on, and so does the next question.
        }
      }
      return .uploadExpired(address)
    }
  }
}

extension EffectRunner {
  /// A photo or a receipt that is there.
  fileprivate struct File {
    /// The name of this content: another file has another one.
    let name: String
    /// The message about the entry that has it.
    var changed: Message?
    /// The message that it has come.
    let message: Message
  }

  /// Returns `true` for an address that a file has come to. It refuses the next file before it looks at it; one that still works
  /// refuses an empty file, which does not use it up.
  fileprivate func isUsed(_ address: UploadAddress) async throws(ClientFailure) -> Bool {
    var api = api
    api.token = address.token
    do throws(ClientFailure) {
      let _: Answer<UploadedFile> = try await api.put(Endpoints.upload, [], .bytes([]))
      return true
    } catch {
      // Nothing was sent that could be done.
      if case .uncertain(let why) = error { throw .offline(why) }
      guard case .problem(let problem) = error, !error.isTransient else { throw error }
      return problem.code == "useless_token"
    }
  }

  fileprivate func files(of target: UploadTarget) async throws(ClientFailure) -> [File] {
    switch target {
    case .photo(let target):
      return try await photo(target).map { [File(name: $0.hash, message: .uploaded(target, $0))] } ?? []
    case .receipt(let group, let id):
      let entry: Entry = try await api.call(Endpoints.entry, [group, id])
      return (entry.receipts ?? []).map { receipt in
        File(
          name: "\(receipt.number) \(receipt.hash)",
          changed: .stored(group: group, entry),
          message: .receiptAdded(group: group, entry: id, receipt.number))
      }
    }
  }

  /// The photo of a group, or of the user.
  private func photo(_ target: PhotoTarget) async throws(ClientFailure) -> Photo? {
    switch target {
    case .group(let id):
      let group: Group = try await api.call(Endpoints.group, [id])
      return group.photo
    case .me, .member:
      let user: User = try await api.call(Endpoints.me)
      return user.photo
    }
  }
}
