import KittyShared

/// The calls of drafts. `EffectRunner.run` adds the work to the folder, in the order of the effects.
extension EffectCall {
  static var keepDraft: EffectCall { finishDrafts(.draftKept) }

  static func dropDraft(_ file: ID) -> EffectCall { finishDrafts(.draftDropped(file: file)) }

  private static func finishDrafts(_ message: Message) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      do throws(PrivateFile.Unsafe) {
        try await runner.drafts.finish()
        return message
      } catch {
        return .warning(error.description)
      }
    }
  }

  static var loadDrafts: EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .drafts(await runner.drafts.read())
    }
  }
}

extension Effect {
  /// The change of the folder of drafts that belongs to the effect.
  var draftWork: DraftFolder.Work? {
    switch self {
    case .keepDraft(let file, let draft): .keep(draft, file)
    case .dropDraft(let file): .drop(file)
    default: nil
    }
  }
}
