import KittyShared

/// All that the palette offers above a screen.
struct PaletteOffer: Sendable {
  struct Found: Sendable {
    let item: PaletteItem
    /// `nil` while nothing is typed.
    let fit: FuzzyMatch?

    var rank: Int { fit?.kind.rawValue ?? 0 }
  }

  /// The group that is open below the palette.
  private var books: GroupData?
  /// The groups of the user.
  private var groups: [Group] = []
  private var items: [PaletteItem] = []

  init() {}

  /// - Parameters:
  ///   - bindings: The keys of the screen below the palette.
  init(bindings: [Binding], books: GroupData?, groups: [Group]) {
    self.books = books
    self.groups = groups
    let open = books.map { [$0.group] } ?? []
    let all = open + groups.filter { $0.id != books?.group.id }
    items = all.map { group in
      PaletteItem(
        .group(group.id), SafeText(group.name), aside: group.archivedAt == nil ? "group" : "archived group")
    }
    if let books { items += Self.people(books) + books.entries.prefix(Self.recent).map { entry($0, books) } }
    items.append(PaletteItem(.home, "All groups"))
    items += Self.commands(bindings)
  }

  /// The latest entries, which are found by their words too. All others are found by their number.
  private static let recent = 50
  /// The longest list of numbers.
  private static let most = 30

  private static func people(_ books: GroupData) -> [PaletteItem] {
    let accounts = books.present.map { LedgerAccount.member($0.id) } + [.kitty]
    return accounts.map {
      PaletteItem(
        .place(group: books.group.id, .statement($0)), books.name(of: $0), aside: "statement")
    }
  }

  /// Each command once, also when several keys have it.
  private static func commands(_ bindings: [Binding]) -> [PaletteItem] {
    var seen: Set<Command> = [.palette]
    return bindings.filter { !$0.keys.isEmpty && seen.insert($0.command).inserted }
      .map { PaletteItem(.command($0.command), $0.help, aside: $0.shown) }
  }

  private func entry(_ entry: Entry, _ books: GroupData) -> PaletteItem {
    PaletteItem(
      .place(group: books.group.id, .entry(number: entry.number)),
      "#\(entry.number) \(SafeText(entry.description))", aside: SafeText(books.group.name))
  }

  /// Returns what fits a text, in the order in which it is offered.
  func found(_ text: String) -> [Found] {
    let key = text.folded
    guard !key.isEmpty else { return items.map { Found(item: $0, fit: nil) } }
    let numbered = numbered(text)
    let targets = Set(numbered.map(\.target))
    return numbered.map { Found(item: $0, fit: FuzzyMatch(key, in: key)) }
      + items.filter { !targets.contains($0.target) }.compactMap { item in
        item.fit(text, key: key).map { Found(item: item, fit: $0) }
      }
  }

  /// Returns the entries for a typed number: the entry with it first, then the loaded ones whose number begins with it,
  /// and for `#318` the entries with this number in the other groups.
  private func numbered(_ text: String) -> [PaletteItem] {
    let digits = text.drop { $0 == "#" }
    guard let number = Int64(digits), number > 0 else { return [] }
    var items: [PaletteItem] = []
    if let books {
      let loaded = books.entries.filter { "\($0.number)".hasPrefix(digits) }
      let exact = loaded.filter { $0.number == number }
      items += exact.map { entry($0, books) }
      if exact.isEmpty, books.hasMore { items.append(unread(number, in: books.group)) }
      items += loaded.filter { $0.number != number }.prefix(Self.most).map { entry($0, books) }
    }
    guard text.first == "#" else { return items }
    return items
      + groups.filter { $0.id != books?.group.id }.prefix(Self.most).map { unread(number, in: $0) }
  }

  /// An entry that is not loaded.
  private func unread(_ number: Int64, in group: Group) -> PaletteItem {
    PaletteItem(
      .place(group: group.id, .entry(number: number)), "#\(number) in \(group.name)", aside: "entry")
  }
}
