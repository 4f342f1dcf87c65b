import KittyShared

@testable import KittyTUI

/// The drafts in the files of a random user, as the effects have left them.
struct RandomDrafts {
  private(set) var files: [ID: Draft] = [:]

  /// Does the work of effects.
  mutating func apply(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .keepDraft(let file, let draft): files[file] = draft
      case .dropDraft(let file): files[file] = nil
      default: break
      }
    }
  }

  /// Returns the message of an effect on drafts; `nil` for another effect.
  func answer(_ effect: Effect) -> Message? {
    switch effect {
    case .keepDraft: return .draftKept
    case .dropDraft(let file): return .draftDropped(file: file)
    case .loadDrafts:
      return .drafts(
        DraftFolder.Content(
          drafts: files.map { Draft.Stored(file: $0, savedAt: Instant(milliseconds: 0), draft: $1) },
          unreadable: 0))
    default: return nil
    }
  }

  /// Returns the titles of the forms whose text would be lost if a signal ended the program now.
  func lost(by state: AppState, at now: ContinuousClock.Instant) -> [String] {
    var (ended, after) = (state, self)
    after.apply(ended.update(.keepDrafts, at: now))
    let kept = Set(after.files.values)
    return ended.screens.compactMap { screen in
      guard screen.draftName != nil, screen.hasUnsaved else { return nil }
      guard var draft = screen.draft else { return screen.title.string }
      draft.user = ended.name.string
      return kept.contains(draft) ? nil : screen.title.string
    }
  }
}
