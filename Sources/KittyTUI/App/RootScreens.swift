import KittyShared

/// The screens that the app itself opens. They are passed in, since `App` knows no particular screen.
struct RootScreens: Sendable {
  /// Makes the screen to sign in. An interruption is shown over the screen whose session has ended.
  let signIn: @Sendable (_ isInterruption: Bool, _ name: String) -> any Screen
  /// Makes the first screen of a signed-in user.
  let home: @Sendable () -> any Screen
  /// Makes the list of the user's drafts.
  let drafts: @Sendable ([Draft.Stored]) -> any Screen
  /// Makes the list of the messages that were shown, the newest first.
  let messages: @Sendable ([ShownMessage]) -> any Screen
  /// Makes the screen of a group.
  let group: @Sendable (Group) -> any Screen
}
