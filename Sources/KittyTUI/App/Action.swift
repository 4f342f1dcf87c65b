import KittyShared

/// A request of a screen to the app.
enum Action: Sendable {
  case run(Effect)
  case push(any Screen)
  /// Opens the form of a draft, which is kept in the same file from now on.
  case resume(any Screen, file: ID)
  case pop
  /// Closes all screens and starts again with this one.
  case restart(any Screen)
  /// Runs the actions only if the user confirms with y.
  case confirm(SafeText, [Action])
  /// Runs a command of the screen, for the answer to a question.
  case command(Command)
  /// Shows a short message.
  case toast(SafeText)
  case help
}

extension Action {
  /// The bytes of a text that are copied at most. Terminals accept different lengths; all of them accept this one.
  static let longestCopy = 8192

  /// The actions that copy a text to the clipboard of the terminal. A terminal does not tell if it did, so the words do
  /// not promise it.
  /// - Parameter what: The text's name, such as "The code".
  static func copy(_ text: String, _ what: SafeText) -> [Action] {
    guard text.utf8.count <= longestCopy else { return [.toast("\(what) is too long to be copied.")] }
    return [
      .run(.copy(text)),
      .toast("\(what) was sent to the clipboard of your terminal. Not every terminal takes it."),
    ]
  }
}
