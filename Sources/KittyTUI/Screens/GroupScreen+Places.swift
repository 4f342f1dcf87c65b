import KittyShared

/// The places in the books of a group that the palette and the command line lead to.
extension GroupScreen {
  var openGroup: ID? { group.id }
  var books: GroupData? { data }

  mutating func go(to place: GroupPlace, _ context: Context) -> [Action] {
    guard let data, cachedAt == nil else {
      goal = place
      return []
    }
    goal = nil
    sought = nil
    switch place {
    case .statement(let account): return [.push(StatementScreen(data, of: account))]
    case .entry(let number): return open(number, data)
    case .named(let name): return go(toNamed: name, data, context)
    }
  }

  /// Opens the entry with a number. Older entries are read until it is found.
  private mutating func open(_ number: Int64, _ data: GroupData) -> [Action] {
    if let entry = data.entries.first(where: { $0.number == number }) {
      sought = nil
      reveal(entry)
      return [.push(EntryScreen(data, entry))]
    }
    guard data.hasMore else {
      sought = nil
      return [.toast("There is no entry #\(number) in this group. A deleted one has its place no more.")]
    }
    sought = number
    return reads.map { .run($0) }
  }

  /// Goes on with what waits for the entries that were just read.
  mutating func goOn(_ context: Context) -> [Action] {
    if let goal { return go(to: goal, context) }
    if let sought, let data { return open(sought, data) }
    return reads.map { .run($0) }
  }

  private mutating func go(toNamed name: String, _ data: GroupData, _ context: Context) -> [Action] {
    if let number = Int64(name.drop { $0 == "#" }) { return open(number, data) }
    let key = name.folded
    let screens = bindings.filter { Self.screens.contains($0.command) }
    let found =
      screens.first { $0.footer.string.folded == key }
      ?? screens.first { screen in
        // Much is said about the settings.
        screen.command != .settings
          && screen.help.string.folded.split { !$0.isLetter }.contains { $0 == key }
      }
    if let found { return found.refusal.map { [.toast($0)] } ?? perform(found.command, context) }
    let people = data.present.map { ($0.name, LedgerAccount.member($0.id)) }
    switch NameMatch(name, in: people) {
    case .one(let account): return [.push(StatementScreen(data, of: account))]
    case .several(let found):
      return [.toast("\"\(name)\" could be \(found.map(\.name).listed("or")). Press : to choose.")]
    case .none:
      return [
        .toast(
          "There is no \"\(name)\" in this group. Name a member, an entry by its number, or a screen: settle, kitty."
        )
      ]
    }
  }

  /// The commands that open a screen and change nothing.
  private static let screens: Set<Command> = [
    .addExpense, .addLine, .settle, .pay, .kitty, .balances, .statistics, .count, .addMember, .members,
    .settings, .categories, .recurring, .deleted, .photo, .invites, .importGroup,
  ]
}
