import FoundationEssentials

/// The clipboard of the terminal, which is that of the user's own computer also over ssh. It is only written, never read:
/// a terminal that answered would give its content to the server.
enum Clipboard {
  /// Returns the sequence that copies a text (OSC 52); `nil` for a text that is empty or too long. It needs no wrapping
  /// within tmux, which passes it on if the user allows that.
  static func sequence(for text: String) -> [UInt8]? {
    guard !text.isEmpty, text.utf8.count <= Action.longestCopy else { return nil }
    return Array("\u{1b}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}".utf8)
  }
}
