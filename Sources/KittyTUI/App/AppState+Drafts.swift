import KittyShared

/// The drafts of the open forms. What is typed goes into a file when the user pauses, when the connection is lost and when
/// the program ends; it leaves the file when it is saved or its user drops it.
extension AppState {
  /// The files of the drafts of this session.
  struct DraftFiles: Sendable {
    /// The file of each draft, with its last content; `nil` while that is in an older file alone.
    var kept: [Draft.Name: (file: ID, draft: Draft?)] = [:]
    /// The time of the first change that is not in its file, and the time to write it.
    var since: ContinuousClock.Instant?
    var due: ContinuousClock.Instant?
    /// `true` when the user has confirmed to leave without saving.
    var areDropped = false
  }

  /// The length of a pause.
  private static let pause: Duration = .seconds(1)
  /// The longest time without a draft while the user types without a pause.
  private static let longest: Duration = .seconds(10)

  var isOffline: Bool { if case .offline = connection { true } else { false } }

  /// Returns the work on drafts after an event.
  mutating func draftWork(
    after event: Event, wasOffline: Bool, isQuitting: Bool
  ) -> [Effect] {
    let open = screens.compactMap(\.draftName)
    guard !open.isEmpty || !drafts.kept.isEmpty else {
      // The form was closed before its first draft.
      (drafts.since, drafts.due) = (nil, nil)
      return []
    }
    if isQuitting { return drafts.areDropped ? dropDrafts(except: []) : keepDrafts() }
    let closed = drafts.kept.keys.filter { !open.contains($0) }
    // A form that goes on under a new name is kept before its old draft is dropped.
    if !closed.isEmpty { return keepDrafts() + dropDrafts(except: open) }
    switch event {
    case .keepDrafts: return keepDrafts()
    case .tick: return drafts.due.map { $0 <= context.now } == true ? keepDrafts() : []
    case .key, .mouse, .message(.present): armDraft()
    // A failed save may give a form another id or version. A failed read changes nothing, and is repeated while offline.
    case .message(.failed(let effect, _)) where effect.isWrite: armDraft()
    case .message, .interrupt, .resized, .finished, .canDrawPictures, .sessionEnded: break
    }
    // The connection of a session over ssh may be lost together with that to the server.
    if isOffline, !wasOffline, drafts.due != nil { return keepDrafts() }
    return []
  }

  private mutating func armDraft() {
    let since = drafts.since ?? context.now
    drafts.since = since
    drafts.due = min(context.now + Self.pause, since + Self.longest)
  }

  /// Writes the drafts that have changed.
  mutating func keepDrafts() -> [Effect] {
    (drafts.since, drafts.due) = (nil, nil)
    var work: [Effect] = []
    for screen in screens {
      guard let name = screen.draftName else { continue }
      let known = drafts.kept[name]
      guard var draft = screen.draft else {
        if let known {
          drafts.kept[name] = nil
          work.append(.dropDraft(file: known.file))
        }
        continue
      }
      draft.user = self.name.string
      guard known?.draft != draft else { continue }
      let file = known?.file ?? context.newID()
      drafts.kept[name] = (file, draft)
      work.append(.keepDraft(file: file, draft))
    }
    return work
  }

  private mutating func dropDrafts(except open: [Draft.Name]) -> [Effect] {
    let closed = drafts.kept.filter { !open.contains($0.key) }
    for name in closed.keys { drafts.kept[name] = nil }
    return closed.values.map { .dropDraft(file: $0.file) }
  }

  /// Keeps the drafts of a user whose screens are closed because another user signs in.
  mutating func leaveDrafts() -> [Effect] {
    let work = keepDrafts()
    drafts.kept = [:]
    return work
  }

  /// Notes the file of a draft that is opened again.
  mutating func resume(_ screen: any Screen, file: ID) {
    guard let name = screen.draftName else { return }
    drafts.kept[name] = (file, nil)
    // It is written at once, as if it had waited: only then has this window its lock.
    (drafts.since, drafts.due) = (context.now - Self.longest, context.now)
  }

  /// Offers the drafts of this user that are not open, unless a screen is in the way.
  mutating func receive(_ content: DraftFolder.Content) -> [Effect] {
    let open = Set(drafts.kept.values.map(\.file))
    var mine = content
    mine.drafts.removeAll { stored in
      name.string.isEmpty || stored.draft.user.lowercased() != name.string.lowercased()
        || open.contains(stored.file)
    }
    if content.unreadable > 0 {
      show("This version cannot read \(content.unreadable) of your drafts. They stay in their files.")
    }
    if screens.contains(where: \.showsDrafts) {
      return perform(answers: screens.indices.map { screens[$0].receive(.drafts(mine), context) })
    }
    guard !mine.drafts.isEmpty else { return [] }
    let isFree =
      screens.count == 1 && top.signInReason == nil && !top.isEditing && question == nil && !showsHelp
      && held.isEmpty && palette == nil && destination == nil
    if isFree {
      // A warning of the start stays.
      let notice = toast
      let effects = perform([.push(roots.drafts(mine.drafts))], of: 0)
      toast = toast ?? notice
      return effects
    }
    let count = mine.drafts.count
    show(
      "You have \(count == 1 ? "an unsaved draft" : "\(count) unsaved drafts" as SafeText). \(key: .drafts, "u") in the list of groups shows \(count == 1 ? "it" : "them" as SafeText)."
    )
    return []
  }
}
