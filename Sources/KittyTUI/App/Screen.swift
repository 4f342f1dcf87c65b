import KittyShared

/// A screen: its state, its keys and its drawing. A screen is pure; it returns actions for work outside of it.
protocol Screen: Sendable {
  /// The screen's part of the path at the top, such as "Groups" or "Flat 12".
  var title: SafeText { get }
  /// The table of the screen's keys.
  var bindings: [Binding] { get }
  /// `true` when letters go into a text field instead of the key table.
  var isEditing: Bool { get }
  /// `true` when leaving would lose input.
  var hasUnsaved: Bool { get }
  /// The effects that reload the screen's data.
  var refresh: [Effect] { get }
  /// The effects that the last edit made necessary.
  var reads: [Effect] { get }
  /// Handles a key of editing.
  /// - Returns: `true` when the screen used the key.
  mutating func edit(_ key: Key, _ context: Context) -> Bool
  /// Runs a command of the key table.
  mutating func perform(_ command: Command, _ context: Context) -> [Action]
  /// Handles the message of an effect.
  mutating func receive(_ message: Message, _ context: Context) -> [Action]
  /// Draws the screen into the rows between the path and the footer.
  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context)
}

extension Screen {
  var isEditing: Bool { false }
  var hasUnsaved: Bool { false }
  var refresh: [Effect] { [] }
  var reads: [Effect] { [] }
  mutating func edit(_ key: Key, _ context: Context) -> Bool { false }
  mutating func receive(_ message: Message, _ context: Context) -> [Action] { [] }
}

/// The values that screens share.
struct Context: Sendable {
  var now = ContinuousClock.now
  /// The default date of an entry.
  var today = Day(daysSince1970: 0)
  /// Returns the id for a new resource.
  var newID: @Sendable () -> ID
  var home = "/"
  var palette = PhotoCells.Palette.colours256
  var decimalMark: Character = "."
  var width = 80
  var height = 24
  /// The running effects.
  var running: [Effect] = []
  /// The time when the first of them started.
  var workingSince = ContinuousClock.now

  /// `true` while a write is running: then no other write is sent.
  var isWriting: Bool { running.contains(where: \.isWrite) }
}

extension Context {
  /// Returns a sentence about a name in quotes. The name is cut so that `predicate` fits beside it.
  func sentence(_ name: String, _ predicate: SafeText) -> SafeText {
    "\"\(SafeText(name).fitted(to: max(4, width - predicate.width - 3)))\" \(predicate)"
  }
}

/// A request of a screen to the app.
enum Action: Sendable {
  case run(Effect)
  case push(any Screen)
  case pop
  /// Closes all screens and starts again with this one.
  case restart(any Screen)
  /// Runs the actions only if the user confirms with y.
  case confirm(SafeText, [Action])
  /// Shows a short message.
  case toast(SafeText)
  case help
}
