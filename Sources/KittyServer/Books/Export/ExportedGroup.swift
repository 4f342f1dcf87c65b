import KittyShared

/// The facts of a group that an export needs before its entries.
struct ExportedGroup: Sendable {
  /// The name of the kitty. No member has it.
  static let kitty = "Kitty"

  let id: ID
  let file: GroupFile
  /// Every currency in the books.
  let currencies: [Currency]
  /// The first day in the books.
  let firstDay: Day
  private let names: [ID: String]
  private let categories: [ID: GroupFile.FileCategory]

  /// - Parameter clean: Removes from a name the characters that have a meaning in the format.
  init(id: ID, file: GroupFile, currencies: [Currency], firstDay: Day, clean: (String) -> String) {
    self.id = id
    self.file = file
    self.currencies = currencies
    self.firstDay = firstDay
    // A former member may have the same name as a present one.
    var free = FreeNames(used: [Self.kitty]) { $0.lowercased() }
    var names: [ID: String] = [:]
    for member in file.members {
      let plain = clean(member.name)
      names[member.id] = free.free(plain) { "\(plain)-\($0)" }
    }
    self.names = names
    categories = Dictionary(
      (file.categories ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the names of a category, from the upper level down; empty for none. A colon in them becomes a dash: it
  /// separates the levels.
  func path(ofCategory id: ID?) -> [String] {
    guard let category = id.flatMap({ categories[$0] }) else { return [] }
    return [category.parent.flatMap { categories[$0]?.name }, category.name].compactMap { name in
      name?.replacingScalars { $0 == ":" ? "-" : nil }
    }
  }

  /// Returns the name of an account in the text; `nil` for the kitty.
  func name(of account: ID) -> String? { account == id ? nil : names[account] ?? account.description }
}
