import KittyShared

/// The calls of photos and files.
extension EffectCall {
  static func loadPreview(_ target: PhotoTarget) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .preview(target, try await runner.preview(target))
    }
  }

  static func removePhoto(_ target: PhotoTarget) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      switch target {
      case .group(let id): try await runner.api.call(Endpoints.removeGroupPhoto, [id])
      case .me: try await runner.api.call(Endpoints.removeMyPhoto)
      case .member: return .refused(EffectRunner.ownPhoto)
      }
      return .photoRemoved(target)
    }
  }

  static func upload(_ target: PhotoTarget, _ path: String) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return try await runner.upload(target, path)
    }
  }

  static func complete(_ path: String, _ kind: FileKind) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      guard runner.hasFiles else { return .refused(EffectRunner.noFiles) }
      return .completions(PhotoFile.completions(of: path, home: runner.home, kind: kind))
    }
  }
}

extension EffectRunner {
  fileprivate static let ownPhoto = "Only the member can change this photo."

  /// Reads a small picture; `nil` without a photo.
  func preview(_ target: PhotoTarget) async throws(ClientFailure) -> Preview? {
    do throws(ClientFailure) {
      let bytes: [UInt8]
      switch target {
      case .group(let id):
        bytes = try await api.download(Endpoints.groupPhoto, [id], query: [("size", "preview")])
      case .me: bytes = try await api.download(Endpoints.myPhoto, [], query: [("size", "preview")])
      case .member(let group, let member):
        bytes = try await api.download(Endpoints.memberPhoto, [group, member], query: [("size", "preview")])
      }
      guard let preview = Preview(ppm: bytes) else {
        throw .unreadable("The server sent a photo that this client cannot draw.")
      }
      return preview
    } catch {
      if case .problem(let problem) = error, problem.status == 404 { return nil }
      throw error
    }
  }

  func upload(_ target: PhotoTarget, _ path: String) async throws(ClientFailure) -> Message {
    guard hasFiles else { return .refused(Self.noFiles) }
    let file: PhotoFile
    do { file = try PhotoFile(path: path, home: home) } catch { return .refused("\(error)") }
    let photo: Photo
    switch target {
    case .group(let id):
      photo = try await api.upload(Endpoints.setGroupPhoto, [id], file: file.path, onProgress: onProgress)
    case .me: photo = try await api.upload(Endpoints.setMyPhoto, [], file: file.path, onProgress: onProgress)
    case .member: return .refused(Self.ownPhoto)
    }
    return .uploaded(target, photo)
  }
}
