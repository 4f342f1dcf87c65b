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
  /// Shows a short message.
  case toast(SafeText)
  case help
}
