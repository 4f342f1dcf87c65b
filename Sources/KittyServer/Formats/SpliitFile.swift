import FoundationEssentials
import KittyShared

/// The files of a group of Spliit: the JSON of `export/json`, which has all of the books, and its CSV.
enum SpliitFile: ImportedFile {
  static let format = ImportFormat.spliit

  static func recognizes(_ file: ImportedDocument) -> Bool {
    guard file.isJSON else { return SpliitTable.isHeader(file.header) }
    let start = file.beginning
    return start.contains("\"expenses\"") && start.contains("\"currency\"")
      && (start.contains("\"paidById\"") || start.contains("\"participants\""))
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) async throws -> ImportedContent {
    guard file.isJSON else { return try SpliitTable.read(file, options) }
    let expenses = try await file.list("expenses")
    let group = try expenses.rest(as: Group.self)
    guard group.expenses.isEmpty else { throw ImportedDocument.notDivisible }
    var reader = try Reader(group, options)
    try await expenses.forEach(Expense.self) { try reader.add($1, $0) }
    reader.addNotices(group)
    return ImportedContent(books: reader.books)
  }

  /// The sentence about a currency with a name of the group's own.
  fileprivate static let namesOwn = "Send its code, such as currency=EUR: the amounts keep their numbers."

  /// The currencies that Spliit counts in whole units. All others have two decimals there, also those without a code.
  private static let whole: Set<String> = ["COP", "HUF", "IDR", "ISK", "JPY", "KRW", "VND"]

  /// Returns the decimals of amounts in a currency there.
  fileprivate static func decimals(_ code: String?) -> Int {
    code.map { whole.contains($0.uppercased()) } == true ? 0 : 2
  }

  /// The document, as far as it is read. Fields that came later than the first version of the export are optional.
  fileprivate struct Group: Decodable {
    var name: String?
    var information: String?
    var currency: String?
    var currencyCode: String?
    /// Without its objects: they are decoded one by one.
    var expenses: [Ignored]
    var participants: [Participant]
    var activities: [Ignored]?
  }

  fileprivate struct Participant: Decodable {
    var id: String
    var name: String
  }

  fileprivate struct Expense: Decodable {
    var id: String?
    var expenseDate: String
    var title: String
    var category: Category?
    var amount: ImportedNumber
    var originalAmount: ImportedNumber?
    var originalCurrency: String?
    var conversionRate: ImportedNumber?
    var paidById: String
    var paidFor: [PaidFor]
    var isReimbursement: Bool
    var splitMode: String
    var recurrenceRule: String?
    var notes: String?
    var documents: [Ignored]?
  }

  fileprivate struct Category: Decodable {
    var grouping: String?
    var name: String?
  }

  fileprivate struct PaidFor: Decodable {
    var participantId: String
    var shares: ImportedNumber
  }

  /// A value that is only counted.
  fileprivate struct Ignored: Decodable {
    init(from decoder: any Decoder) throws {}
  }
}

extension SpliitFile {
  /// The state of reading the JSON.
  fileprivate struct Reader {
    var books: ImportedBooks
    private let currency: Currency
    private let decimals: Int
    private var indices: [String: Int] = [:]
    private var keys: Set<String> = []
    private var (recurring, documents, shared) = (0, 0, 0)

    init(_ group: Group, _ options: ImportOptions) throws(Rejection) {
      let code = group.currencyCode?.trimmed ?? ""
      // A group from before there were codes, or with a currency of its own, has a sign, which may be a code.
      let sign = group.currency?.trimmed ?? ""
      guard let currency = options.currency(called: code.isEmpty ? sign : code) else {
        throw .invalid(
          code.isEmpty ? "currency" : "currencyCode", "currency_missing",
          "\"\((code.isEmpty ? sign : code).cut(to: 10))\" is not a code of ISO 4217. \(SpliitFile.namesOwn)"
        )
      }
      self.currency = currency
      decimals = SpliitFile.decimals(code.isEmpty ? nil : code)
      books = ImportedBooks(name: group.name?.trimmed, currency: currency)
      var names = DistinctNames()
      for (index, participant) in group.participants.enumerated() {
        guard indices.updateValue(index, forKey: participant.id) == nil else {
          throw .invalid("participants.\(index).id", "twice", "Another participant has the same id.")
        }
        books.members.append(.init(name: names.add(participant.name, orElse: "Member \(index + 1)")))
      }
      books.notices += names.notices
    }

    mutating func add(_ expense: Expense, _ index: Int) throws(Rejection) {
      let field = "expenses.\(index)"
      let place = ImportPlace.element(list: "expenses", index)
      let amount = try expense.amount.units(decimals, currency, "\(field).amount")
      let date = try Day(read: expense.expenseDate, "\(field).expenseDate")
      if let key = expense.id, !keys.insert(key).inserted {
        throw .invalid("\(field).id", "twice", "Another expense has the same id.")
      }
      guard let payer = indices[expense.paidById] else { throw .unknownMember("\(field).paidById") }
      let split = try split(expense, amount, field)
      guard amount != 0 else { return books.leaveOut(place, expense.title, "Its amount is zero.") }
      var entry = ImportedEntry(
        place: place, key: expense.id,
        kind: .expense(payers: [.init(member: payer, amount: amount)], split: split),
        description: expense.title, amount: Amount(amount, currency), date: date, note: expense.notes)
      addOriginal(of: expense, to: &entry)
      // The categories of this grouping say nothing: "General" and "Payment".
      if expense.category?.grouping != "Uncategorized" { entry.category = expense.category?.name }
      if expense.isReimbursement, expense.paidFor.count == 1,
        let receiver = indices[expense.paidFor[0].participantId]
      {
        guard receiver != payer else {
          return books.leaveOut(place, expense.title, "It is a payment of a member to the same member.")
        }
        entry.becomePayment(from: payer, to: receiver)
      } else if expense.isReimbursement {
        shared += 1
      }
      if let rule = expense.recurrenceRule, rule != "NONE" { recurring += 1 }
      documents += expense.documents?.count ?? 0
      books.entries.append(entry)
    }

    /// Returns the split of an expense.
    private func split(
      _ expense: Expense, _ amount: Int64, _ field: String
    ) throws(Rejection) -> ImportedEntry.Split {
      let field = "\(field).paidFor"
      var members: [Int] = []
      for part in expense.paidFor {
        guard let member = indices[part.participantId] else { throw .unknownMember(field) }
        members.append(member)
      }
      guard !members.isEmpty else { throw .invalid(field, "empty", "No participant shares this.") }
      guard Set(members).count == members.count else {
        throw .invalid(field, "twice", "A participant is in the list twice.")
      }
      switch expense.splitMode {
      case "EVENLY": return .equally(members)
      case "BY_AMOUNT":
        var parts: [ImportedEntry.Part] = []
        for (index, part) in expense.paidFor.enumerated() {
          let share = try part.shares.units(decimals, currency, "\(field).\(index).shares")
          parts.append(.init(member: members[index], amount: share))
        }
        return .exact(try Self.fit(parts, to: Amount(amount, currency), field))
      case "BY_SHARES", "BY_PERCENTAGE":
        var weights: [Int64] = []
        for (index, part) in expense.paidFor.enumerated() {
          let weight = try part.shares.whole("\(field).\(index).shares")
          guard weight >= 0 else {
            throw .invalid("\(field).\(index).shares", "wrong_sign", "A share is zero or more.")
          }
          weights.append(weight)
        }
        // Hundredths of a percent.
        guard expense.splitMode == "BY_SHARES" || weights.reduce(0, { $0 &+ $1 }) == 10_000 else {
          throw .invalid(
            field, "not_hundred_percent", "The percentages do not add up to 100. Correct the expense there.")
        }
        return try .reduced(members, weights, field)
      default:
        throw .invalid(
          field.replacing("paidFor", with: "splitMode"), "unknown_split",
          "\"\(expense.splitMode.cut(to: 40))\" is not a way to split: it is EVENLY, BY_SHARES, BY_PERCENTAGE or BY_AMOUNT."
        )
      }
    }

    /// Returns shares in amounts with the sign of the total. Of money that came back, they may be written without it.
    private static func fit(
      _ parts: [ImportedEntry.Part], to total: Amount, _ field: String
    ) throws(Rejection) -> [ImportedEntry.Part] {
      let sum = parts.reduce(Int128(0)) { $0 + Int128($1.amount) }
      guard sum.magnitude == total.minorUnits.magnitude else {
        throw .invalid(
          field, "not_the_total",
          "The shares do not add up to the amount of \(total). Correct the expense there.")
      }
      let isTurned = sum != Int128(total.minorUnits)
      guard parts.allSatisfy({ sum < 0 ? $0.amount <= 0 : $0.amount >= 0 }) else {
        throw .invalid(field, "wrong_sign", "A share has another sign than the amount of \(total).")
      }
      return parts.compactMap {
        $0.amount == 0 ? nil : .init(member: $0.member, amount: isTurned ? -$0.amount : $0.amount)
      }
    }

    /// Adds the amount in the currency in which it was paid: as a line of the note when it does not come to the same.
    private func addOriginal(of expense: Expense, to entry: inout ImportedEntry) {
      let code = expense.originalCurrency?.trimmed ?? ""
      guard let number = expense.originalAmount, !code.isEmpty, code.uppercased() != currency.code else {
        return
      }
      if let foreign = Currency(code: code), let rate = Rate(expense.conversionRate?.text ?? ""),
        let units = try? number.units(SpliitFile.decimals(code), foreign, "")
      {
        let original = Amount(entry.amount.minorUnits < 0 ? -abs(units) : abs(units), foreign)
        if units != 0, (try? rate.worth(of: original, in: currency)) == entry.amount {
          entry.original = .init(amount: original, rate: rate)
          return
        }
        entry.addNote("Paid as \(original.decimal) \(foreign.code), rate \(rate.text).")
      } else {
        let text = number.decimal(SpliitFile.decimals(code)).cut(to: 40)
        let rate = expense.conversionRate.map { ", rate \($0.text.cut(to: 40))" } ?? ""
        entry.addNote("Paid as \(text) \(code.cut(to: 10))\(rate).")
      }
    }

    mutating func addNotices(_ group: Group) {
      books.count(
        recurring, "1 expense repeats there; it is imported once: enter it as a recurring entry.",
        "\(recurring) expenses repeat there; they are imported once each: enter them as recurring entries.")
      books.count(
        documents, "1 picture is not in the file: add it by hand.",
        "\(documents) pictures are not in the file: add them by hand.")
      books.count(
        shared, "1 reimbursement to several members is imported as an expense.",
        "\(shared) reimbursements to several members are imported as expenses.")
      let information = group.information?.trimmed ?? ""
      if !information.isEmpty {
        books.notices.append("The text of the group is not imported: \"\(information.cut(to: 200))\".")
      }
      if let activities = group.activities, !activities.isEmpty {
        books.notices.append("The history of the group there is not imported.")
      }
    }
  }
}

/// The CSV of Spliit. It has the share of each member, below zero except for the payer, and does not name the payer:
/// one without a share can be told only when all others have one.
private enum SpliitTable {
  private static let titles = ["Date", "Description", "Category", "Currency", "Cost"]

  static func isHeader(_ header: [String]) -> Bool {
    header.starts(with: titles) && header.contains("Is Reimbursement") && header.contains("Split mode")
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    let table = try ImportedTable(file.text)
    let rows = table.rows.withText
    guard let header = rows.first, isHeader(header.fields.map(\.trimmed)),
      let isPayment = header.fields.firstIndex(where: { $0.trimmed == "Is Reimbursement" }),
      let mode = header.fields.firstIndex(where: { $0.trimmed == "Split mode" })
    else {
      throw .unreadable(
        .line(rows.first?.line ?? 1), "column_missing",
        "A CSV of Spliit begins with \(titles.joined(separator: ", ")), and has Is Reimbursement and Split mode."
      )
    }
    let names = header.fields.dropFirst(mode + 1).map { plain($0.trimmed) }
    let keys = Set(names.map(\.nameKey))
    guard !names.isEmpty, !keys.contains(""), keys.count == names.count else {
      throw .unreadable(
        header.place, "twice", "Each column after Split mode must have the name of one member, each another.")
    }
    let lines = rows.dropFirst()
    for row in lines { try table.check(row, titles: mode + 1 + names.count) }
    let numbers = try NumberReading(
      lines.lazy.flatMap { row in
        ([4] + (mode + 1..<mode + 1 + names.count)).map { (text: row[$0], place: row.place) }
      }, wanted: options.decimalMark)
    let dates = try DateReading(lines.lazy.map { (text: $0[0], place: $0.place) }, wanted: options.dates)
    var books = ImportedBooks(members: names.map { .init(name: $0) })
    let columns = Columns(isPayment: isPayment, mode: mode, members: mode + 1..<mode + 1 + names.count)
    for row in lines {
      try add(row, columns, numbers, try dates.day(row[0], at: row.place), options, to: &books)
    }
    books.notices.append(
      "The JSON of Spliit has more than its CSV: notes, amounts in other currencies, and ids.")
    return ImportedContent(
      books: books,
      readings: [
        "separator: \(table.separatorName)", "decimal mark: \(numbers.mark.text)",
        "days: \(dates.order.text)",
      ])
  }

  private struct Columns {
    let isPayment: Int
    let mode: Int
    let members: Range<Int>
  }

  private static func add(
    _ row: ImportedTable.Row, _ columns: Columns, _ numbers: NumberReading, _ date: Day,
    _ options: ImportOptions,
    to books: inout ImportedBooks
  ) throws(Rejection) {
    guard let currency = options.currency(called: row[3]) else {
      throw .unreadable(
        row.place, "currency_missing",
        "\"\(row[3].cut(to: 10))\" is not a code of ISO 4217. \(SpliitFile.namesOwn)")
    }
    let cost: Int64
    var values: [Int64] = []
    do throws(NumberReading.Failure) {
      cost = try numbers.amount(row[4], currency)
      for column in columns.members {
        values.append(row[column].isEmpty ? 0 : try numbers.amount(row[column], currency))
      }
    } catch { throw error.at(row.place) }
    let title = plain(row[1])
    guard cost != 0 else { return books.leaveOut(row.place, title, "Its amount is zero.") }
    var entry = ImportedEntry(
      place: row.place, kind: try kind(cost, values, mode: row[columns.mode], row.place), description: title,
      amount: Amount(cost, currency), date: date)
    // The default category, and that of payments, say nothing.
    if !["", "General", "Payment"].contains(row[2]) { entry.category = plain(row[2]) }
    if row[columns.isPayment] == "Yes", case .expense(let payers, let split) = entry.kind,
      split.members.count == 1,
      let payer = payers.first?.member, let receiver = split.members.first, receiver != payer
    {
      entry.becomePayment(from: payer, to: receiver)
    }
    // With the columns of an original amount, this one comes after them.
    if columns.isPayment > 7, !row[6].isEmpty, row[6].uppercased() != currency.code {
      entry.addNote("Paid as \(row[5].cut(to: 40)) \(row[6].cut(to: 10)), rate \(row[7].cut(to: 40)).")
    }
    books.entries.append(entry)
  }

  /// Returns a text without the mark by which the export keeps spreadsheets from taking it for a formula.
  private static func plain(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars.prefix(2))
    guard scalars.count == 2, scalars[0] == "'", ["=", "+", "-", "@"].contains(scalars[1]) else {
      return text
    }
    return String(text.unicodeScalars.dropFirst())
  }

  /// Returns the payer and the split of a line.
  private static func kind(
    _ cost: Int64, _ values: [Int64], mode: String, _ place: ImportPlace
  ) throws(Rejection) -> ImportedEntry.Kind {
    let sharers = values.indices.filter { values[$0] != 0 }
    let signed = sharers.filter { (values[$0] > 0) == (cost > 0) }
    let possible = signed.isEmpty ? values.indices.filter { values[$0] == 0 } : signed
    guard !sharers.isEmpty, signed.count < 2 else {
      throw .unreadable(
        place, "not_the_total", "The shares of the members do not fit the cost. Export the group again.")
    }
    guard possible.count == 1, let payer = possible.first else {
      throw .unreadable(
        place, "not_enough",
        "The CSV of Spliit does not say who paid this. Export the group as JSON, and import that file.")
    }
    let parts = sharers.map { Int64(values[$0].magnitude) }
    let gap = parts.reduce(Int128(0)) { $0 + Int128($1) } - Int128(cost.magnitude)
    // The versions before August 2026 rounded each share alone.
    guard gap.magnitude <= sharers.count else {
      throw .unreadable(
        place, "not_the_total",
        "The shares of the members do not add up to the cost. Export the group as JSON, and import that file."
      )
    }
    let split: ImportedEntry.Split =
      if mode == "Evenly" {
        .equally(sharers)
      } else if gap == 0 {
        .exact(zip(sharers, parts).map { .init(member: $0, amount: cost < 0 ? -$1 : $1) })
      } else {
        try .reduced(sharers, parts, "\(place)")
      }
    return .expense(payers: [.init(member: payer, amount: cost)], split: split)
  }
}
