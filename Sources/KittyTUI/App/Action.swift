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
