extension RootScreens {
  /// The root screens of the program.
  static let standard = RootScreens(
    signIn: { SignInScreen(isInterruption: $0, name: $1) }, home: { GroupsScreen() },
    drafts: { DraftsScreen($0) }, messages: { MessagesScreen($0) }, group: { GroupScreen($0) })
}
