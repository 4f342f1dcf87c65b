import FoundationEssentials
import KittyShared

/// The files of SplitPro. The download of a user has the balances of each group, and no expenses. An administrator can
/// write the expenses of a group: the rows of its tables, with the participants within each expense.
///
/// A participant's amount is what the expense does to their balance, so the shares of all but the payer are its
/// opposite.
enum SplitProFile: ImportedFile {
  static let format = ImportFormat.splitpro

  static func recognizes(_ file: ImportedDocument) -> Bool {
    guard file.isJSON else {
      return file.header.starts(with: ["Paid By", "Name", "Category", "Amount", "Split Type"])
    }
    let start = file.beginning
    return ["\"groupBalances\"", "\"groupUsers\"", "\"expenseParticipants\"", "\"splitType\""].contains {
      start.contains($0)
    }
      || start.contains("\"friends\"") && start.contains("\"balances\"")
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) async throws -> ImportedContent {
    guard file.isJSON else {
      throw Rejection.invalid(
        "file", "not_enough",
        "The CSV of SplitPro has no signs, so that money that came back looks like an expense. Import the JSON of \"Download SplitPro data\", which has the balances."
      )
    }
    let (document, group, expenses) = try await group(in: file)
    var people = People(group, document.friends ?? [:])
    var keys: Set<String> = []
    try await expenses.forEach(Expense.self) { index, expense in
      guard keys.insert(expense.id.text).inserted else {
        throw Rejection.invalid("\(expenses.path).\(index).id", "twice", "Another expense has the same id.")
      }
      people.note(expense)
    }
    var reader = try Reader(group, people, keys: keys, list: expenses.path)
    if group.expenses == nil {
      try reader.addDebts()
    } else {
      try await expenses.forEach(Expense.self) { try reader.add($1, $0) }
      reader.addNotices()
    }
    return ImportedContent(books: reader.books)
  }

  /// Returns the document, its one group with money in it, and the expenses of that group.
  private static func group(
    in file: ImportedDocument
  ) async throws -> (Document, Group, expenses: ImportedDocument.List) {
    let lists = try await file.lists(["groups", "expenses"])
    let document = try lists[0].rest(as: Document.self)
    guard let groups = document.groups else { return (document, try divided(document.group), lists[1]) }
    guard groups.isEmpty else { throw ImportedDocument.notDivisible }
    var (all, filled): ([(Group, ImportedDocument.List)], [Int]) = ([], [])
    for index in 0..<lists[0].count {
      let expenses = try await lists[0].list("expenses", of: index)
      let group = try divided(expenses.rest(as: Group.self))
      if expenses.count > 0 || group.hasDebts { filled.append(index) }
      all.append((group, expenses))
    }
    let candidates = filled.isEmpty ? Array(all.indices) : filled
    guard let first = candidates.first else {
      throw Rejection.invalid(
        "groups", "not_enough", "The file has no group, and balances outside groups have no date.")
    }
    guard candidates.count == 1 else {
      let names = candidates.prefix(10).map { "\"\((all[$0].0.name ?? "").cut(to: 40))\"" }
      throw Rejection.invalid(
        "groups", "several_groups",
        "The file has \(candidates.count) groups: \(names.joined(separator: ", ")). Leave one in it, such as with: jq '.groups |= map(select(.name == \(names[0])))'"
      )
    }
    return (document, all[first].0, all[first].1)
  }

  /// Returns a group whose list of expenses was taken out of it.
  private static func divided(_ group: Group) throws(Rejection) -> Group {
    guard group.expenses?.isEmpty ?? true else { throw ImportedDocument.notDivisible }
    return group
  }

  /// The currencies that have other decimals there than in ISO 4217.
  private static let whole: Set<String> = [
    "AFN", "ALL", "AMD", "COP", "CRC", "HUF", "IDR", "IQD", "IRR", "LBP", "MGA", "MMK", "MUR", "PKR", "RSD",
    "SOS", "SYP",
    "TZS", "UZS", "YER", "ZWL",
  ]

  fileprivate static func decimals(_ currency: Currency) -> Int {
    whole.contains(currency.code) ? 0 : currency.decimals
  }

  /// The ways to split, of which the amounts of the participants are the result; and the two kinds of payment.
  private static let splits = ["EQUAL", "PERCENTAGE", "EXACT", "SHARE", "ADJUSTMENT"]
  private static let payments = ["SETTLEMENT", "CURRENCY_CONVERSION"]

  /// Returns `true` for a payment.
  fileprivate static func isPayment(_ type: String, _ field: String) throws(Rejection) -> Bool {
    guard !payments.contains(type) else { return true }
    guard splits.contains(type) else {
      throw .invalid(
        field, "unknown_split",
        "\"\(type.cut(to: 40))\" is not one of \((splits + payments).joined(separator: ", ")).")
    }
    return false
  }
}

extension SplitProFile {
  /// The state of reading.
  fileprivate struct Reader {
    var books: ImportedBooks
    /// The place of the expenses in the file.
    private let list: String
    private let debts: [Debt]
    private var indices: [String: Int] = [:]
    private var keys: Set<String>
    private var (recurring, photos) = (0, 0)
    /// The expenses whose participants do not add up to zero.
    private var uneven: [String] = []

    /// - Parameter keys: The ids of all expenses.
    init(_ group: Group, _ people: People, keys: Set<String>, list: String) throws(Rejection) {
      (self.list, self.keys) = (list, keys)
      debts = group.groupBalances ?? []
      books = ImportedBooks(name: group.name?.trimmed)
      var names = DistinctNames()
      for id in people.members {
        indices[id] = books.members.count
        books.members.append(
          .init(name: names.add(people.names[id] ?? "", orElse: "User \(id.cut(to: 20))")))
      }
      books.notices += names.notices
      books.balances = debts.isEmpty ? nil : try balances()
    }

    /// The place of the balances in the file.
    private var debtList: String { list.replacing("expenses", with: "groupBalances") }

    private func member(_ id: ImportedNumber?, _ field: String) throws(Rejection) -> Int {
      guard let id, let index = indices[id.text] else { throw .unknownMember(field) }
      return index
    }

    mutating func add(_ expense: Expense, _ index: Int) throws(Rejection) {
      let field = "\(list).\(index)"
      let place = ImportPlace.element(list: list, index)
      guard expense.deletedAt == nil, expense.deletedBy == nil else {
        return books.leaveOut(place, expense.name, "It was deleted there.")
      }
      let currency = try Currency(read: expense.currency, "\(field).currency")
      let decimals = SplitProFile.decimals(currency)
      let total = try expense.amount.units(decimals, currency, "\(field).amount")
      let payer = try member(expense.paidBy, "\(field).paidBy")
      let shares = try shares(expense, total, payer, currency, field)
      let isPayment = try SplitProFile.isPayment(expense.splitType, "\(field).splitType")
      let date = try Day(read: expense.expenseDate, "\(field).expenseDate")
      guard total != 0 else { return books.leaveOut(place, expense.name, "Its amount is zero.") }
      var entry = ImportedEntry(
        place: place, key: expense.id.text, kind: .payment(from: payer, to: payer), description: expense.name,
        amount: Amount(total, currency), date: date)
      for note in expense.expenseNotes ?? [] { entry.addNote(note.note) }
      if isPayment, shares.count == 1, let share = shares.first, share.member != payer {
        entry.becomePayment(from: payer, to: share.member)
        books.entries.append(entry)
        if let other = expense.conversionTo, keys.insert(other.id.text).inserted {
          try add(other, from: share.member, to: payer, beside: entry, "\(field).conversionTo")
        }
        return
      }
      try divide(&entry, shares, payer, isEqual: expense.splitType == "EQUAL", field)
      if let category = expense.category, category != "general" { entry.category = category }
      if expense.recurrenceId != nil { recurring += 1 }
      if expense.fileKey != nil { photos += 1 }
      books.entries.append(entry)
    }

    /// Returns the shares other than zero. That of the payer is what the others leave, as in the balances there.
    private mutating func shares(
      _ expense: Expense, _ total: Int64, _ payer: Int, _ currency: Currency, _ field: String
    ) throws(Rejection) -> [ImportedEntry.Part] {
      let (place, field) = (field, "\(field).expenseParticipants")
      guard total == 0 || !expense.expenseParticipants.isEmpty else {
        throw .invalid(field, "empty", "No participant shares this.")
      }
      var (shares, seen, owed, credit) = ([ImportedEntry.Part](), Set<Int>(), Int128(0), Int64(0))
      for (index, part) in expense.expenseParticipants.enumerated() {
        let member = try member(part.userId, field)
        guard seen.insert(member).inserted else {
          throw .invalid(field, "twice", "A participant is in the list twice.")
        }
        let amount = try part.amount.units(
          SplitProFile.decimals(currency), currency, "\(field).\(index).amount")
        if member == payer {
          credit = amount
        } else {
          owed -= Int128(amount)
          if amount != 0 { shares.append(.init(member: member, amount: -amount)) }
        }
      }
      // Early versions rounded each amount alone.
      guard (owed - Int128(credit)).magnitude <= seen.count, let rest = Int64(exactly: Int128(total) - owed)
      else {
        throw .invalid(field, "not_zero", "The amounts of the participants do not add up to zero.")
      }
      if owed != Int128(credit) { uneven.append(place) }
      if rest != 0 { shares.append(.init(member: payer, amount: rest)) }
      return shares.sorted { $0.member < $1.member }
    }

    /// Makes an entry an expense. A share with another sign than the amount, as an adjustment can have it, becomes
    /// a part that this member paid.
    private mutating func divide(
      _ entry: inout ImportedEntry, _ shares: [ImportedEntry.Part], _ payer: Int, isEqual: Bool,
      _ field: String
    ) throws(Rejection) {
      let (total, currency) = (entry.amount.minorUnits, entry.amount.currency)
      var paid = [payer: Int128(total)]
      var parts: [ImportedEntry.Part] = []
      for share in shares {
        if (share.amount > 0) == (total > 0) {
          parts.append(share)
        } else {
          paid[share.member, default: 0] -= Int128(share.amount)
        }
      }
      var payers: [ImportedEntry.Part] = []
      for (member, amount) in paid.sorted(by: { $0.key < $1.key }) {
        guard let units = Int64(exactly: amount) else { throw .tooLarge("\(field).amount") }
        payers.append(.init(member: member, amount: units))
      }
      let sum = paid.values.reduce(0, +)
      guard sum.magnitude <= Amount.limit, let units = Int64(exactly: sum) else {
        throw .tooLarge("\(field).amount")
      }
      entry.amount = Amount(units, currency)
      if units != total {
        entry.addNote("A share was below zero there. The amount was \(Amount(total, currency).decimal).")
      }
      let isSame = isEqual && Set(parts.map(\.amount)).count == 1
      entry.kind = .expense(payers: payers, split: isSame ? .equally(parts.map(\.member)) : .exact(parts))
    }

    private mutating func add(
      _ other: Conversion, from: Int, to: Int, beside entry: ImportedEntry, _ field: String
    ) throws(Rejection) {
      let currency = try Currency(read: other.currency, "\(field).currency")
      let units = try other.amount.units(SplitProFile.decimals(currency), currency, "\(field).amount")
      guard units != 0 else { return }
      var half = entry
      (half.key, half.amount) = (other.id.text, Amount(units, currency))
      half.becomePayment(from: from, to: to)
      books.entries.append(half)
    }

    /// Returns the balances of the members. Each debt is in the file twice, once from each side.
    private func balances() throws(Rejection) -> [ImportedBooks.Balance] {
      struct Key: Hashable {
        var member: Int
        var currency: Currency
      }
      var sums: [Key: Int128] = [:]
      for debt in try onceEach() {
        sums[Key(member: debt.owed, currency: debt.amount.currency), default: 0] += Int128(
          debt.amount.minorUnits)
        sums[Key(member: debt.owing, currency: debt.amount.currency), default: 0] -= Int128(
          debt.amount.minorUnits)
      }
      var balances: [ImportedBooks.Balance] = []
      for (key, sum) in sums where sum != 0 {
        guard let units = Int64(exactly: sum) else { throw .tooLarge(debtList) }
        balances.append(.init(member: key.member, amount: Amount(units, key.currency)))
      }
      return balances.sorted { ($0.member, $0.amount.currency.code) < ($1.member, $1.amount.currency.code) }
    }

    private func onceEach() throws(Rejection) -> [(owed: Int, owing: Int, amount: Amount, index: Int)] {
      struct Pair: Hashable {
        var members: Set<Int>
        var currency: Currency
      }
      var found: [Pair: (owed: Int, units: Int64)] = [:]
      var list: [(owed: Int, owing: Int, amount: Amount, index: Int)] = []
      for (index, debt) in debts.enumerated() {
        let field = "\(debtList).\(index)"
        let user = try member(debt.userId, "\(field).userId")
        let friend = try member(debt.friendId ?? debt.firendId, "\(field).friendId")
        let currency = try Currency(read: debt.currency, "\(field).currency")
        let units = try debt.amount.units(SplitProFile.decimals(currency), currency, "\(field).amount")
        let pair = Pair(members: [user, friend], currency: currency)
        if let other = found[pair] {
          guard other.owed == user ? other.units == units : other.units == -units else {
            throw .invalid("\(field).amount", "not_zero", "The two sides of this balance are not the same.")
          }
        } else if units != 0, user != friend {
          list.append(
            units > 0
              ? (user, friend, Amount(units, currency), index)
              : (friend, user, Amount(-units, currency), index))
        }
        found[pair] = (user, units)
      }
      return list
    }

    /// Adds a payment for each debt, for a file without expenses.
    mutating func addDebts() throws(Rejection) {
      for debt in try onceEach() {
        let date = try Day(read: debts[debt.index].updatedAt, "\(debtList).\(debt.index).updatedAt")
        books.entries.append(
          ImportedEntry(
            place: .element(list: debtList, debt.index),
            kind: .payment(from: debt.owed, to: debt.owing), description: "Balance in SplitPro",
            amount: debt.amount, date: date))
      }
      books.notices.append(
        "The download of SplitPro has the balances of the group, and no expenses: each balance between two members is imported as a payment. The file does not name the user who downloaded it."
      )
    }

    mutating func addNotices() {
      books.count(
        recurring, "1 expense repeats there; it is imported once: enter it as a recurring entry.",
        "\(recurring) expenses repeat there; they are imported once each: enter them as recurring entries.")
      books.count(
        photos, "1 picture is not in the file: add it by hand.",
        "\(photos) pictures are not in the file: add them by hand.")
      if !uneven.isEmpty {
        books.notices.append(
          "The amounts of the participants do not add up to zero, and the payers bear the rest, as in SplitPro: \(IHateMoneyFile.listed(uneven))."
        )
      }
    }
  }
}
