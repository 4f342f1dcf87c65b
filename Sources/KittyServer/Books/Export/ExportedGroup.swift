import KittyShared

/// The facts of a group that an export needs before its entries.
struct ExportedGroup: Sendable {
  let id: ID
  let file: GroupFile
  /// Every currency in the books.
  let currencies: [Currency]
  /// The first day in the books.
  let firstDay: Day
  private let names: [ID: String]

  /// - Parameter clean: Removes from a name the characters that have a meaning in the format.
  init(id: ID, file: GroupFile, currencies: [Currency], firstDay: Day, clean: (String) -> String) {
    self.id = id
    self.file = file
    self.currencies = currencies
    self.firstDay = firstDay
    var names: [ID: String] = [:]
    var usedNames: Set<String> = []
    for member in file.members {
      let plain = clean(member.name)
      var name = plain
      var number = 2
      // A former member may have the same name as a present one.
      while !usedNames.insert(name.lowercased()).inserted {
        name = "\(plain)-\(number)"
        number += 1
      }
      names[member.id] = name
    }
    self.names = names
  }

  /// Returns the name of an account in the text; `nil` for the kitty.
  func name(of account: ID) -> String? { account == id ? nil : names[account] ?? account.description }
}
