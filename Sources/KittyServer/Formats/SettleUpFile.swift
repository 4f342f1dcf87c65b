import KittyShared

/// The CSV of a group of the app Settle Up: a line for each expense, income or transfer. The payers with
/// their amounts, and the members with their shares, are lists joined by `;`. The shares are rounded one by
/// one, so they may miss the amount by some minor units. A converted amount is in the currency of the
/// group, which the file does not name.
enum SettleUpFile: ImportedFile {
  static let format = ImportFormat.settleup

  static func recognizes(_ file: ImportedDocument) -> Bool {
    let titles = Set(file.header.map(\.nameKey))
    return titles.contains("who paid") && (titles.contains("for whom") || titles.contains("split amounts"))
      && (titles.contains("purpose") || titles.contains("converted amount"))
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    let table = try TitledTable(file.text)
    let columns = try Columns(table)
    let dates = try DateReading(
      table.rows.lazy.map { (text: $0[columns.date], place: $0.place) }, wanted: options.dates)
    let numbers = try NumberReading(
      table.rows.lazy.flatMap { row in
        (list(row[columns.amount]) + list(row[columns.shares]) + [columns.text(row, columns.converted)]).map {
          (text: $0, place: row.place)
        }
      }, wanted: options.decimalMark)
    var names = MemberNames()
    func line(_ row: ImportedTable.Row) throws(Rejection) -> Line {
      try Line(row, columns, numbers, dates, options, &names)
    }
    var (base, transfers) = (BaseCurrency(), 0)
    for row in table.rows {
      let line = try line(row)
      base.add(line)
      if line.kind == .transfer, line.amount.minorUnits != 0, line.receiver == nil { transfers += 1 }
    }
    var books = ImportedBooks()
    books.currency = try base.found(options)
    var misfits: [String] = []
    for row in table.rows { try add(try line(row), to: &books, &misfits) }
    books.addNotice(ofMisfits: misfits)
    books.members = names.names.map { .init(name: $0) }
    let receipts = table.rows.count { !columns.text($0, columns.receipt).isEmpty }
    if receipts > 0 {
      books.notices.append("Entries with a receipt, which the file does not contain: \(receipts).")
    }
    if transfers > 0 {
      books.notices.append(
        "Transfers between more than two members are read as expenses, with the same balances: \(transfers).")
    }
    return ImportedContent(books: books, readings: table.readings(numbers, dates))
  }

  private static func list(_ text: String) -> [String] {
    var pieces = text.unicodeScalars.split(separator: ";", omittingEmptySubsequences: false).map {
      String($0).trimmed
    }
    if pieces.last?.isEmpty == true { pieces.removeLast() }
    return pieces
  }

  private struct Columns {
    let payers, amount, currency, members, shares, purpose, date: Int
    /// Columns that older files, or files changed by hand, need not have.
    let category, rate, converted, kind, receipt: Int?

    init(_ table: TitledTable) throws(Rejection) {
      payers = try table.needed("Who paid")
      amount = try table.needed("Amount")
      currency = try table.needed("Currency")
      members = try table.needed("For whom")
      shares = try table.needed("Split amounts")
      purpose = try table.needed("Purpose")
      date = try table.needed("Date & time")
      category = try table.position("Category")
      rate = try table.position("Exchange rate")
      converted = try table.position("Converted amount")
      // Without it, transfers would be read as expenses.
      kind = try table.needed("Type")
      receipt = try table.position("Receipt")
    }

    func text(_ row: ImportedTable.Row, _ column: Int?) -> String { column.map { row[$0] } ?? "" }
  }

  private enum Kind: String {
    case expense, transfer, income

    /// The description of an entry without one.
    var title: String {
      switch self {
      case .expense: "Expense"
      case .transfer: "Payment"
      case .income: "Income"
      }
    }
  }

  /// A line with its amounts in minor units of the currency in which it was paid.
  private struct Line {
    let place: ImportPlace
    let day: Day
    let description: String
    let category: String?
    let kind: Kind
    let amount: Amount
    let payers: [ImportedEntry.Part]
    let split: ImportedEntry.Split
    /// The only participant of a transfer of one payer.
    let receiver: Int?
    /// The amount in the currency of the group, in digits, when the file converts it.
    let converted: String?
    let rate: String
    let numbers: NumberReading

    init(
      _ row: ImportedTable.Row, _ columns: Columns, _ numbers: NumberReading, _ dates: DateReading,
      _ options: ImportOptions, _ names: inout MemberNames
    ) throws(Rejection) {
      (place, self.numbers) = (row.place, numbers)
      day = try dates.day(row[columns.date], at: row.place)
      let word = columns.text(row, columns.kind)
      guard let kind = word.isEmpty ? .expense : Kind(rawValue: word.nameKey) else {
        throw .unreadable(
          row.place, "unknown_kind", "\"\(word.cut(to: 40))\" is not expense, transfer or income.")
      }
      self.kind = kind
      let category = columns.text(row, columns.category)
      self.category = category.isEmpty ? nil : category
      description = [row[columns.purpose], category].first { !$0.isEmpty } ?? kind.title
      let currency = try Currency.ofLine(row[columns.currency], options, row.place)
      var (payers, members): ([ImportedEntry.Part], [Int])
      var shares: [Int64]
      do throws(NumberReading.Failure) {
        payers = try SettleUpFile.payers(row, columns, numbers, currency, &names)
        members = try SettleUpFile.members(list(row[columns.members]), &names)
        shares = []
        for text in list(row[columns.shares]) { shares.append(try numbers.roundedAmount(text, currency)) }
        if shares.isEmpty { shares = members.map { _ in 0 } }
        if !members.isEmpty {
          try SettleUpFile.requireSameCount(members.count, shares.count, "For whom", "Split amounts")
        }
      } catch { throw error.at(row.place) }
      if kind == .income, payers.allSatisfy({ $0.amount >= 0 }) {
        payers = payers.map { .init(member: $0.member, amount: -$0.amount) }
      }
      let total = try payers.total(currency, row.place)
      if total < 0, shares.allSatisfy({ $0 >= 0 }) { shares = shares.map { -$0 } }
      amount = Amount(total, currency)
      try payers.requireTotal(amount, row.place, "payers")
      guard total == 0 || !members.isEmpty else {
        throw .unreadable(row.place, "missing", "The line does not say for whom it is.")
      }
      self.payers = payers.filter { $0.amount != 0 }
      let parts = zip(members, shares).map { ImportedEntry.Part(member: $0, amount: $1) }
      split = try SettleUpFile.split(parts, amount, row)
      receiver = kind == .transfer && self.payers.count == 1 && members.count == 1 ? members[0] : nil
      rate = columns.text(row, columns.rate)
      let converted = columns.text(row, columns.converted)
      // The amount repeated is not converted.
      let isRepeated = (try? numbers.amount(converted, currency)).map { abs($0) == abs(total) } ?? false
      let isOne = rate.isEmpty || numbers.isOne(rate)
      self.converted = converted.isEmpty || (isRepeated && isOne) ? nil : converted
    }
  }

  private static func payers(
    _ row: ImportedTable.Row, _ columns: Columns, _ numbers: NumberReading, _ currency: Currency,
    _ names: inout MemberNames
  ) throws(NumberReading.Failure) -> [ImportedEntry.Part] {
    let payers = try members(list(row[columns.payers]), &names)
    let amounts = list(row[columns.amount])
    guard !payers.isEmpty else {
      throw NumberReading.Failure(code: "missing", reason: "The line does not say who paid.")
    }
    try requireSameCount(payers.count, amounts.count, "Who paid", "Amount")
    var parts: [ImportedEntry.Part] = []
    for (payer, text) in zip(payers, amounts) {
      parts.append(.init(member: payer, amount: try numbers.amount(text, currency)))
    }
    return parts
  }

  private static func requireSameCount(
    _ first: Int, _ second: Int, _ title: String, _ other: String
  ) throws(NumberReading.Failure) {
    guard first == second else {
      throw NumberReading.Failure(
        code: "counts_differ", reason: "\"\(title)\" has \(first) values and \"\(other)\" has \(second).")
    }
  }

  private static func members(
    _ list: [String], _ names: inout MemberNames
  ) throws(NumberReading.Failure) -> [Int] {
    var (members, seen): ([Int], Set<Int>) = ([], [])
    for name in list {
      guard !name.isEmpty else {
        throw NumberReading.Failure(code: "missing", reason: "A list has an empty name.")
      }
      let member = names.position(of: name)
      guard seen.insert(member).inserted else {
        throw NumberReading.Failure(
          code: "twice", reason: "\"\(name.cut(to: 40))\" is named twice in one list.")
      }
      members.append(member)
    }
    return members
  }

  /// Returns the division of an amount. What rounding left over goes to the largest share, unless all are
  /// equal.
  private static func split(
    _ parts: [ImportedEntry.Part], _ amount: Amount, _ row: ImportedTable.Row
  ) throws(Rejection) -> ImportedEntry.Split {
    let shared = parts.filter { $0.amount != 0 }
    guard !shared.isEmpty else { return .equally(parts.map(\.member)) }
    let missing = Int128(amount.minorUnits) - shared.reduce(Int128(0)) { $0 + Int128($1.amount) }
    guard missing.magnitude <= UInt128(shared.count), amount.minorUnits != 0 else {
      throw .notTheTotal(amount, "shares", row.place)
    }
    if shared.allSatisfy({ $0.amount == shared[0].amount }) { return .equally(shared.map(\.member)) }
    var exact = shared
    if let largest = exact.indices.max(by: { exact[$0].amount.magnitude < exact[$1].amount.magnitude }) {
      exact[largest].amount += Int64(missing)
    }
    try exact.requireTotal(amount, row.place, "shares")
    return .exact(exact)
  }

  /// The search of the currency of the converted amounts: that of the lines without one.
  private struct BaseCurrency {
    private var others: Set<Currency> = []
    private var converted: Set<Currency> = []
    private var first: ImportPlace?

    mutating func add(_ line: Line) {
      if line.converted == nil {
        others.insert(line.amount.currency)
      } else {
        converted.insert(line.amount.currency)
        first = first ?? line.place
      }
    }

    /// Returns the currency; `nil` when no amount is converted.
    /// - Throws: `Rejection` when neither the lines nor the request tell it.
    func found(_ options: ImportOptions) throws(Rejection) -> Currency? {
      guard let first else { return nil }
      let isOnly = others.count == 1 && converted.isDisjoint(with: others)
      guard let base = isOnly ? others.first : options.currency(called: "") else {
        throw .unreadable(
          first, "currency_missing",
          "The file does not name the currency of the converted amounts. Send currency=EUR.")
      }
      return base
    }
  }

  private static func add(
    _ line: Line, to books: inout ImportedBooks, _ misfits: inout [String]
  ) throws(Rejection) {
    guard line.amount.minorUnits != 0 else {
      return books.leaveOut(line.place, line.description, "Its amount is 0.")
    }
    var entry = ImportedEntry(
      place: line.place, kind: .expense(payers: line.payers, split: line.split),
      description: line.description,
      amount: line.amount, date: line.day, category: line.category)
    if let text = line.converted, let base = books.currency, base != line.amount.currency {
      try convert(&entry, to: base, text, line)
      if !line.numbers.fits(line.amount, line.rate, entry.amount) { misfits.append("\(line.place)") }
    }
    if let receiver = line.receiver, let payer = line.payers.first?.member {
      guard entry.makePayment(from: payer, to: receiver) else {
        return books.leaveOut(line.place, line.description, "The payer and the receiver are the same member.")
      }
    }
    books.entries.append(entry)
  }

  private static func convert(
    _ entry: inout ImportedEntry, to base: Currency, _ text: String, _ line: Line
  ) throws(Rejection) {
    var worth: Int64
    do throws(NumberReading.Failure) { worth = try line.numbers.roundedAmount(text, base) } catch {
      throw error.at(line.place)
    }
    if (worth < 0) != (line.amount.minorUnits < 0) { worth = -worth }
    guard worth != 0 else {
      throw .unreadable(line.place, "rate_zero", "The converted amount is 0, and the amount is not.")
    }
    let payers = line.payers.proportional(to: worth)
    let split: ImportedEntry.Split =
      if case .exact(let parts) = line.split { .exact(parts.proportional(to: worth)) } else { line.split }
    entry.kind = .expense(payers: payers, split: split)
    entry.amount = Amount(worth, base)
    entry.addOriginal(line.amount, rate: line.rate, line.numbers, split: line.split)
  }
}
