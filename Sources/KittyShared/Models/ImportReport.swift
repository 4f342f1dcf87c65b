/// An import of a file of another program into a group: what was understood, what was written, and what was not.
package struct ImportReport: Codable, Hashable, Sendable {
  /// The id of the import, to undo it; `nil` for a preview, and when nothing was written.
  package var id: ID?
  /// The program that wrote the file.
  package var format: ImportFormat
  /// The readings of the file, each in words: its encoding, its separator, its decimal mark, the order of its dates.
  package var readings: [String]
  /// The name of the group in the file; `nil` when the file has none.
  package var name: String?
  /// The currency of the group; of a new one that which it should get.
  package var currency: Currency?
  /// The members in the file, in its order.
  package var members: [Member]
  /// The number of expenses to be written, or that were written.
  package var expenses: Int
  /// The number of payments to be written, or that were written.
  package var payments: Int
  /// The number of entries of the file that the group has already.
  package var duplicates: Int
  /// The number of those that the file did not make: entries of the same day, text and amounts.
  package var twins: Int
  /// The first day of the entries in the file; `nil` when it has none.
  package var from: Day?
  /// The last day of the entries in the file.
  package var to: Day?
  /// The currencies of the entries in the file, the most frequent first.
  package var currencies: [Currency]
  /// The categories that the group gets, by name.
  package var newCategories: [String]
  /// The lines of the file that are no entries of the group, with the reason.
  package var leftOut: [LeftOut]
  /// Facts of the file that the group does not keep, in words.
  package var notices: [String]
  /// The balances of the file: those that it shows, beside those that its entries have here.
  package var balances: [Balance]
  /// `true` when the file shows balances; otherwise they are computed from its entries as its program does.
  package var showsBalances: Bool
  /// `true` when a balance here differs from that in the file by more than rounding.
  package var differs: Bool
  /// The entries that the group has of earlier files of the same books, and that this file does not have.
  package var missing: [Missing]

  /// A member in the file.
  package struct Member: Codable, Hashable, Sendable {
    /// The name in the file.
    package var name: String
    /// The member here; `nil` in a preview for a member that the import adds.
    package var member: ID?
    /// The name here.
    package var here: String
    /// `true` for a member that the import adds, as a guest.
    package var isNew: Bool

    package init(name: String, member: ID?, here: String, isNew: Bool) {
      self.name = name
      self.member = member
      self.here = here
      self.isNew = isNew
    }
  }

  /// A line of the file that is no entry of the group.
  package struct LeftOut: Codable, Hashable, Sendable {
    /// The place in the file, such as `line 12` or `expenses.3`.
    package var place: String
    /// The description there.
    package var text: String
    /// The reason.
    package var reason: String
    /// The number of the entry that the group has instead; `nil` for none.
    package var number: Int64?

    package init(place: String, text: String, reason: String, number: Int64? = nil) {
      self.place = place
      self.text = text
      self.reason = reason
      self.number = number
    }
  }

  /// An entry of the group that an earlier file of the same books had, and this one does not have.
  package struct Missing: Codable, Hashable, Sendable {
    /// The number.
    package var number: Int64
    /// The day.
    package var date: Day
    /// The description.
    package var text: String
    /// The import that made it.
    package var `import`: ID

    package init(number: Int64, date: Day, text: String, import: ID) {
      self.number = number
      self.date = date
      self.text = text
      self.import = `import`
    }
  }

  /// A balance of a member in the file, over its entries and those that are missing in it.
  package struct Balance: Codable, Hashable, Sendable {
    /// The name in the file.
    package var name: String
    /// The currency.
    package var currency: Currency
    /// The balance that the file shows, or that the program shows for its entries: minor units; above zero is owed to
    /// the member.
    package var there: Int64
    /// The balance of the same entries here: minor units.
    package var here: Int64
    /// `true` for the kitty, which holds what it owes.
    package var isKitty: Bool

    package init(name: String, currency: Currency, there: Int64, here: Int64, isKitty: Bool = false) {
      self.name = name
      self.currency = currency
      self.there = there
      self.here = here
      self.isKitty = isKitty
    }
  }

  package init(
    id: ID? = nil, format: ImportFormat, readings: [String] = [], name: String? = nil,
    currency: Currency? = nil, members: [Member] = [], expenses: Int = 0, payments: Int = 0,
    duplicates: Int = 0, twins: Int = 0, from: Day? = nil,
    to: Day? = nil, currencies: [Currency] = [], newCategories: [String] = [], leftOut: [LeftOut] = [],
    notices: [String] = [],
    balances: [Balance] = [], showsBalances: Bool = true, differs: Bool = false, missing: [Missing] = []
  ) {
    self.id = id
    self.format = format
    self.readings = readings
    self.name = name
    self.currency = currency
    self.members = members
    self.expenses = expenses
    self.payments = payments
    self.duplicates = duplicates
    self.twins = twins
    self.from = from
    self.to = to
    self.currencies = currencies
    self.newCategories = newCategories
    self.leftOut = leftOut
    self.notices = notices
    self.balances = balances
    self.showsBalances = showsBalances
    self.differs = differs
    self.missing = missing
  }
}

/// A program whose files can be imported into a group, and the formats of KittyCash itself.
package enum ImportFormat: String, Codable, CaseIterable, Sendable {
  /// The CSV of a group of Splitwise.
  case splitwise
  /// The JSON or CSV of a group of Spliit.
  case spliit
  /// The JSON or CSV of a project of ihatemoney.
  case ihatemoney
  /// The CSV of a project of Cospend.
  case cospend
  /// The CSV of tricount-exporter.
  case tricount
  /// The CSV of a group of Settle Up.
  case settleup
  /// The JSON of SplitPro.
  case splitpro
  /// The JSON of a group of KittyCash.
  case kittycash
  /// A journal for hledger that KittyCash wrote.
  case hledger
  /// A file for beancount that KittyCash wrote.
  case beancount
  /// A table with columns for the date, the description, the amount, the payer and the participants.
  case csv

  /// The name of the program.
  package var program: String {
    switch self {
    case .splitwise: "Splitwise"
    case .spliit: "Spliit"
    case .ihatemoney: "ihatemoney"
    case .cospend: "Cospend"
    case .tricount: "Tricount"
    case .settleup: "Settle Up"
    case .splitpro: "SplitPro"
    case .kittycash: "KittyCash"
    case .hledger: "KittyCash for hledger"
    case .beancount: "KittyCash for beancount"
    case .csv: "a table"
    }
  }
}
