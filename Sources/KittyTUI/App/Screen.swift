import KittyShared

/// A screen: its state, what a key means there, and how it looks. All of it is pure; what is to be done
/// outside is returned as actions.
protocol Screen: Sendable {
  /// Its part of the path at the top: "Groups", "Flat 12".
  var title: SafeText { get }
  /// The one table of its keys.
  var bindings: [Binding] { get }
  /// Whether letters go into a field rather than to the table.
  var isEditing: Bool { get }
  /// Whether something was written that leaving would lose.
  var hasUnsaved: Bool { get }
  /// What reads its data anew.
  var refresh: [Effect] { get }
  /// What editing has made necessary to read.
  var reads: [Effect] { get }
  /// Takes a key of editing.
  /// - Returns: Whether it took it.
  mutating func edit(_ key: Key, _ context: Context) -> Bool
  /// Does what a key of the table stands for.
  mutating func perform(_ command: Command, _ context: Context) -> [Action]
  /// Takes what comes back from outside.
  mutating func receive(_ message: Message, _ context: Context) -> [Action]
  /// Draws itself into the rows between the path and the footer.
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

/// What a screen may know of the rest.
struct Context: Sendable {
  var now = ContinuousClock.now
  /// The day that an expense belongs to unless another is written.
  var today = Day(daysSince1970: 0)
  /// Makes the id of something new.
  var newID: @Sendable () -> ID
  var home = "/"
  var palette = PhotoCells.Palette.colours256
  var decimalMark: Character = "."
  var width = 80
  var height = 24
  /// What is under way.
  var running: [Effect] = []
  /// Since when anything is.
  var workingSince = ContinuousClock.now

  /// Whether something is being written: then nothing else is sent.
  var isWriting: Bool { running.contains(where: \.isWrite) }
}

extension Context {
  /// A name in quotes, cut so that `rest`, which says what became of it, fits beside it.
  func said(_ name: String, _ rest: SafeText) -> SafeText {
    "\"\(SafeText(name).fitted(to: max(4, width - rest.width - 3)))\" \(rest)"
  }
}

/// What a screen wants to happen.
enum Action: Sendable {
  case run(Effect)
  case push(any Screen)
  case pop
  /// Leaves every screen and starts again with this one.
  case restart(any Screen)
  /// Asks before it does it; the answer is No unless Yes is pressed.
  case confirm(SafeText, [Action])
  /// Says something in passing.
  case toast(SafeText)
  case help
}
