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

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws -> ImportedContent {
    guard file.isJSON else {
      throw Rejection.invalid(
        "file", "not_enough",
        "The CSV of SplitPro has no signs, so that money that came back looks like an expense. Import the JSON of \"Download SplitPro data\", which has the balances."
      )
    }
    let document = try file.decode(Document.self)
    let (group, path) = try group(of: document)
    var reader = try Reader(group, document.friends ?? [:], path)
    if let expenses = group.expenses {
      for (index, expense) in expenses.enumerated() { try reader.add(expense, index) }
      reader.addNotices()
    } else {
      try reader.addDebts()
    }
    return ImportedContent(books: reader.books)
  }

  /// Returns the one group with money in it, and its place.
  private static func group(of document: Document) throws(Rejection) -> (Group, path: String) {
    guard let groups = document.groups else { return (document.group, "") }
    let filled = groups.indices.filter { groups[$0].expenses?.isEmpty == false || groups[$0].hasDebts }
    let candidates = filled.isEmpty ? Array(groups.indices) : filled
    guard let first = candidates.first else {
      throw Rejection.invalid(
        "groups", "not_enough", "The file has no group, and balances outside groups have no date.")
    }
    guard candidates.count == 1 else {
      let names = candidates.prefix(10).map { "\"\((groups[$0].name ?? "").cut(to: 40))\"" }
      throw Rejection.invalid(
        "groups", "several_groups",
        "The file has \(candidates.count) groups: \(names.joined(separator: ", ")). Leave one in it, such as with: jq '.groups |= map(select(.name == \(names[0])))'"
      )
    }
    return (groups[first], "groups.\(first).")
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
    private let path: String
    private let debts: [Debt]
    private var indices: [String: Int] = [:]
    private var keys: Set<String> = []
    private var (recurring, photos) = (0, 0)
    /// The expenses whose participants do not add up to zero.
    private var uneven: [String] = []

    init(_ group: Group, _ friends: [String: Person], _ path: String) throws(Rejection) {
      self.path = path
      debts = group.groupBalances ?? []
      books = ImportedBooks(name: group.name?.trimmed)
      var people = Array(friends.values) + (group.users ?? []) + (group.groupUsers ?? []).compactMap(\.user)
      for (index, expense) in (group.expenses ?? []).enumerated() {
        people += [expense.paidByUser].compactMap(\.self) + expense.expenseParticipants.compactMap(\.user)
        guard keys.insert(expense.id.text).inserted else {
          throw .invalid("\(path)expenses.\(index).id", "twice", "Another expense has the same id.")
        }
      }
      let known = Dictionary(
        people.map { ($0.id.text, $0.name ?? $0.email ?? "") }, uniquingKeysWith: { $0.isEmpty ? $1 : $0 })
      // Who has left the group is in its expenses, but not in the list of its users.
      let listed = (group.groupUsers ?? []).map(\.userId.text) + (group.users ?? []).map(\.id.text)
      let used =
        debts.flatMap { [$0.userId.text, ($0.friendId ?? $0.firendId)?.text ?? ""] }
        + (group.expenses ?? []).flatMap { [$0.paidBy.text] + $0.expenseParticipants.map(\.userId.text) }
      let others = used.filter { known[$0] != nil }
      var names = DistinctNames()
      for id in listed + others where indices[id] == nil {
        indices[id] = books.members.count
        books.members.append(.init(name: names.add(known[id] ?? "", orElse: "User \(id.cut(to: 20))")))
      }
      books.notices += names.notices
      books.balances = debts.isEmpty ? nil : try balances()
    }

    private func member(_ id: ImportedNumber?, _ field: String) throws(Rejection) -> Int {
      guard let id, let index = indices[id.text] else { throw .unknownMember(field) }
      return index
    }

    mutating func add(_ expense: Expense, _ index: Int) throws(Rejection) {
      let (list, field) = ("\(path)expenses", "\(path)expenses.\(index)")
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
        guard let units = Int64(exactly: sum) else { throw .tooLarge("\(path)groupBalances") }
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
        let field = "\(path)groupBalances.\(index)"
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
        let date = try Day(read: debts[debt.index].updatedAt, "\(path)groupBalances.\(debt.index).updatedAt")
        books.entries.append(
          ImportedEntry(
            place: .element(list: "\(path)groupBalances", debt.index),
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
