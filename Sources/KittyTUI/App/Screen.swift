import KittyShared

/// A screen: its state, its keys and its drawing. A screen is pure; it returns actions for work outside of it.
protocol Screen: Sendable {
  /// The reason of a sign-in screen; `nil` for any other screen.
  var signInReason: SignInReason? { get }
  /// The screen's part of the path at the top, such as "Groups" or "Flat 12".
  var title: SafeText { get }
  /// The table of the screen's keys.
  var bindings: [Binding] { get }
  /// `true` when letters go into a text field instead of the key table.
  var isEditing: Bool { get }
  /// `true` when leaving would lose input.
  var hasUnsaved: Bool { get }
  /// The name of the form's draft; `nil` for a screen without one.
  var draftName: Draft.Name? { get }
  /// The unsaved input; `nil` without any.
  var draft: Draft? { get }
  /// `true` for the list of drafts.
  var showsDrafts: Bool { get }
  /// `true` while the result of a save is not known: then no key changes the input.
  var isLocked: Bool { get }
  /// `true` until the data is read that the screen's commands need.
  var needsData: Bool { get }
  /// The time at which the shown data was read, when it comes from the cache and was not read since; else `nil`.
  var cachedAt: Instant? { get }
  /// The group whose books the screen shows; the palette returns to it instead of opening the group again.
  var openGroup: ID? { get }
  /// The data of that group, in which the palette finds people and entries.
  var books: GroupData? { get }
  /// The effects that reload the screen's data.
  var refresh: [Effect] { get }
  /// The effects that the last edit made necessary.
  var reads: [Effect] { get }
  /// Returns the time after `now` at which the screen looks different by itself; `nil` when it stays as it is.
  func wake(after now: ContinuousClock.Instant) -> ContinuousClock.Instant?
  /// Handles a key of editing.
  /// - Returns: `true` when the screen used the key.
  mutating func edit(_ key: Key, _ context: Context) -> Bool
  /// Runs a command of the key table.
  mutating func perform(_ command: Command, _ context: Context) -> [Action]
  /// Opens a place in the books of the screen, now or when they are read.
  mutating func go(to place: GroupPlace, _ context: Context) -> [Action]
  /// Handles the message of an effect.
  mutating func receive(_ message: Message, _ context: Context) -> [Action]
  /// Draws the screen into the rows between the path and the footer.
  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context)
}

extension Screen {
  var signInReason: SignInReason? { nil }
  var isEditing: Bool { false }
  var hasUnsaved: Bool { false }
  var draftName: Draft.Name? { nil }
  var draft: Draft? { nil }
  var showsDrafts: Bool { false }
  var isLocked: Bool { false }
  var needsData: Bool { false }
  var cachedAt: Instant? { nil }
  var openGroup: ID? { nil }
  var books: GroupData? { nil }
  var refresh: [Effect] { [] }
  var reads: [Effect] { [] }
  func wake(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? { nil }
  mutating func edit(_ key: Key, _ context: Context) -> Bool { false }
  mutating func go(to place: GroupPlace, _ context: Context) -> [Action] { [] }
  mutating func receive(_ message: Message, _ context: Context) -> [Action] { [] }
}

/// The reason to show a sign-in screen.
enum SignInReason: Hashable, Sendable {
  /// There is no session yet.
  case start
  /// The session of the screen below has ended.
  case interruption
}
