import KittyShared

/// The books in a file of another program, before they are matched with a group. A member is a position in `members`.
struct ImportedBooks: Sendable, Hashable {
  /// The name of the group in the file.
  var name: String?
  /// The currency of amounts without one; `nil` when each has its own.
  var currency: Currency?
  var members: [Member] = []
  var entries = ImportedEntries()
  /// The balances that the file shows; `nil` when it shows none, and they follow from its entries.
  var balances: [Balance]?
  var leftOut: [ImportReport.LeftOut] = []
  var notices: [String] = []
  /// The categories that contents of a file of KittyCash name by id, and those above them; `nil` for other programs.
  var categories: [Category]?
  /// `true` for a file of KittyCash: it has entries and no balances, which are the sums of their postings.
  var isOwn: Bool { categories != nil }
  /// The ids of the expenses that refunds in a file of KittyCash refer to.
  var refunded: Set<ID> = []

  struct Member: Sendable, Hashable {
    var name: String
    var weight: Int64 = 1
    /// The id by which the contents of a file of KittyCash name the member; `nil` for other programs.
    var id: ID?
    /// `true` when the id is the member's own in a group of KittyCash: a journal has none.
    var hasOwnID = false
  }

  /// A category of a file of KittyCash.
  struct Category: Sendable, Hashable {
    var id: ID
    var name: String
    /// The category above it, which stands before it in the list.
    var parent: ID?
  }

  /// A balance of a member: above zero is owed to them.
  struct Balance: Sendable, Hashable {
    var member: Int
    var amount: Amount
  }

  /// The categories that mean none, in the languages of the programs.
  static let noCategory = Set(
    [
      "General", "Uncategorized", "None", "Other", "Allgemein", "Général", "Generale", "Generali", "Geral",
      "Algemeen", "一般",
    ].map(\.nameKey))

  mutating func leaveOut(_ place: ImportPlace, _ text: String, _ reason: String) {
    leftOut.append(ImportReport.LeftOut(place: "\(place)", text: text, reason: reason))
  }
}

/// An expense or a payment in a file.
struct ImportedEntry: Sendable, Hashable {
  var place: ImportPlace
  /// The id in the other program; `nil` when the file has none.
  var key: String?
  var kind: Kind
  var description: String
  /// The amount in the currency of the balances: never zero, below zero for a refund.
  var amount: Amount
  /// The amount as it was paid, when that is in another currency.
  var original: Original?
  var date: Day
  var note: String?
  /// The name of the category; `nil` for none.
  var category: String?

  enum Kind: Sendable, Hashable {
    /// The payers' amounts add up to the amount.
    case expense(payers: [Part], split: Split)
    case payment(from: Int, to: Int)
    /// An entry of KittyCash, whose content names members and categories by the ids of the file, with its own id; `nil` when the
    /// file has none. The kitty is that of the group.
    case kept(EntryContent, ID?)
  }

  /// An amount of a member, in minor units of the currency of the entry.
  struct Part: Sendable, Hashable {
    var member: Int
    var amount: Int64
  }

  /// The division of an expense.
  enum Split: Sendable, Hashable {
    /// The same for each.
    case equally([Int])
    /// By weights.
    case shares([Weight])
    /// Amounts that add up to that of the entry.
    case exact([Part])
  }

  struct Weight: Sendable, Hashable {
    var member: Int
    /// From 0 to 1,000,000.
    var weight: Int64
  }

  /// An amount in another currency, with the worth of one unit of it.
  struct Original: Sendable, Hashable {
    var amount: Amount
    var rate: Rate
    /// The parts in that currency, when the file has them.
    var split: Split?
  }
}

/// A place in a file, for messages.
enum ImportPlace: Sendable, Hashable, CustomStringConvertible {
  /// A line, from 1.
  case line(Int)
  /// An element of a list of a JSON document, from 0; of the document itself when the list has no name.
  case element(list: String, Int)
  case file

  var description: String {
    switch self {
    case .line(let number): "line \(number)"
    case .element(let list, let index): list.isEmpty ? "\(index)" : "\(list).\(index)"
    case .file: "file"
    }
  }
}

extension Rejection {
  /// The rejection of a file because of one place in it. Nothing of the file is imported.
  /// - Parameters:
  ///   - columns: The columns of a table that wait for a role.
  ///   - names: The texts that may be no names.
  static func unreadable(
    _ place: ImportPlace, _ code: String = "not_readable", _ message: String, columns: [String]? = nil,
    names: [String]? = nil
  ) -> Rejection {
    .invalid([
      FieldError(field: "\(place)", code: code, message: message, columns: columns, names: names)
    ])
  }
}

/// The facts of a file that its request names.
struct ImportOptions: Sendable, Hashable {
  /// The program that wrote the file; `nil` finds it out.
  var format: ImportFormat?
  /// The encoding; `nil` finds it out.
  var encoding: ImportedText.Encoding?
  /// The mark before the decimals; `nil` finds it out.
  var decimalMark: NumberReading.Mark?
  /// The order of day and month; `nil` finds it out.
  var dates: DateReading.Order?
  /// The currency of amounts whose currency the file does not say, or says in words that fit none.
  var currency: Currency?
  /// The currency of the group: that of amounts for which neither the file nor the request names one.
  var groupCurrency: Currency?
  /// The columns of a table: the name of each by its role.
  var columns: [TableColumn: String] = [:]
  /// The keys of names that are those of members: of the group, or named by the request.
  var names: Set<String> = []
}

extension ImportOptions {
  /// Returns the currency that a file calls by a code, a sign or a name, which is empty or `XXX` when the file says none.
  /// - Returns: `nil` for a sign or a name that does not tell the currency: the request has to name it.
  func currency(called name: String) -> Currency? {
    if let known = Currency(code: name) ?? currency { return known }
    guard !name.isEmpty, name != "XXX" else { return groupCurrency }
    let fitting = Currency.all.filter { $0.symbols.contains(name) || $0.name.nameKey == name.nameKey }
    if let groupCurrency, fitting.contains(groupCurrency) { return groupCurrency }
    return fitting.count == 1 ? fitting.first : nil
  }
}

/// The roles of columns in a table that is not of a known program. Several columns may have the last one: they are not read.
enum TableColumn: String, CaseIterable, Sendable {
  case date, description, amount, currency, payer, participants, category, note, kind, ignore
}
