/// A key press.
enum Key: Hashable, Sendable {
  case character(Character)
  case control(Character)
  case up, down, left, right, shiftUp, shiftDown, shiftLeft, shiftRight, home, end, pageUp, pageDown
  case enter, escape, tab, backTab, backspace, delete
  /// A word back and forward.
  case wordLeft, wordRight
  /// Help, also in a text field.
  case f1
  /// The mouse on and off.
  case f12
  /// A paste, which is one edit of any length.
  case paste(String)
}
