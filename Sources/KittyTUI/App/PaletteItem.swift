import KittyShared

/// A place or a command that the palette offers.
struct PaletteItem: Sendable {
  enum Target: Hashable, Sendable {
    /// A command of the screen below the palette.
    case command(Command)
    /// All groups.
    case home
    case group(ID)
    case place(group: ID, GroupPlace)
  }

  let target: Target
  let name: SafeText
  /// The group of a place, or the key of a command.
  let aside: SafeText
  /// The name as it is searched.
  private let key: String

  init(_ target: Target, _ name: SafeText, aside: SafeText = "") {
    self.target = target
    self.name = name
    self.aside = aside
    key = name.string.folded
  }

  /// Returns the fit of a typed text; `nil` without one.
  /// - Parameter key: The `folded` form of the text.
  func fit(_ typed: String, key: String) -> FuzzyMatch? {
    // The key of a command is its shortest name; there case matters.
    if case .command = target, aside.string.split(separator: " ").contains(where: { $0 == typed }) {
      return FuzzyMatch(self.key, in: self.key)
    }
    return FuzzyMatch(key, in: self.key)
  }
}

/// A place in the books of a group.
enum GroupPlace: Hashable, Sendable {
  case entry(number: Int64)
  /// The statement of an account.
  case statement(LedgerAccount)
  /// A place as a person names it: the number of an entry, a screen, or a member.
  case named(String)
}
