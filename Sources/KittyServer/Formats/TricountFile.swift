import KittyShared

/// The CSV files of tricount-exporter, which reads a group of Tricount by its public link.
///
/// The full one has, for each member, a column of the share in the currency of the group and one in that of
/// the payment: the first are booked. Money that came in is below zero, and its shares may be so or not.
/// The other one, made for the program Sesterce, has "Paid by" and "Paid for" each member in the currency
/// of the payment, and a rate.
enum TricountFile: ImportedFile {
  static let format = ImportFormat.tricount

  static func recognizes(_ file: ImportedDocument) -> Bool {
    let titles = file.header
    func begins(_ start: String) -> Bool { titles.contains { name($0, after: start) != nil } }
    return begins("Paid by ") && begins("Paid for ")
      || titles.contains("Who Paid") && (begins("Share ") || begins("Local Share "))
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    let table = try TitledTable(file.text)
    let isForSesterce = table.titles.contains { name($0, after: "Paid by ") != nil }
    return try isForSesterce ? SesterceTable.read(table, options) : FullTable.read(table, options)
  }

  /// Returns the name of the member of a column.
  fileprivate static func name(_ title: String, after start: String) -> String? {
    let (scalars, start) = (title.unicodeScalars, start.unicodeScalars)
    guard scalars.starts(with: start) else { return nil }
    let name = String(scalars.dropFirst(start.count)).trimmed
    return name.isEmpty ? nil : name
  }

  fileprivate static func amounts(
    _ row: ImportedTable.Row, _ columns: [Int], _ numbers: NumberReading, _ currency: Currency
  ) throws(Rejection) -> [ImportedEntry.Part] {
    var parts: [ImportedEntry.Part] = []
    for (member, column) in columns.enumerated() where !row[column].isEmpty {
      let amount = try amount(row, column, numbers, currency)
      if amount != 0 { parts.append(.init(member: member, amount: amount)) }
    }
    return parts
  }

  fileprivate static func amount(
    _ row: ImportedTable.Row, _ column: Int, _ numbers: NumberReading, _ currency: Currency
  ) throws(Rejection) -> Int64 {
    do throws(NumberReading.Failure) { return try numbers.amount(row[column], currency) } catch {
      throw error.at(row.place)
    }
  }

  fileprivate static func numbers(
    _ table: TitledTable, _ columns: [Int], _ options: ImportOptions
  ) throws(Rejection) -> NumberReading {
    try NumberReading(
      table.rows.lazy.flatMap { row in columns.map { (text: row[$0], place: row.place) } },
      wanted: options.decimalMark)
  }
}

/// The file with all that Tricount has of an entry.
private enum FullTable {
  private struct Columns {
    let date, description, payer, total, currency, localTotal, localCurrency, rate, kind: Int
    let status, category, customCategory, key: Int?
    let attachments: [Int]
    /// The columns of the shares, in the order of the members.
    let shares, localShares: [Int]
    let names: MemberNames

    init(_ table: TitledTable) throws(Rejection) {
      date = try table.needed("Date")
      description = try table.needed("Description")
      payer = try table.needed("Who Paid")
      total = try table.needed("Total")
      currency = try table.needed("Currency")
      localTotal = try table.needed("Local Total")
      localCurrency = try table.needed("Local Currency")
      rate = try table.needed("Exchange Rate")
      kind = try table.needed("Transaction Type")
      status = try table.position("Status")
      category = try table.position("Category")
      customCategory = try table.position("Custom Category")
      let uuid = try table.position("Transaction UUID")
      key = if let uuid { uuid } else { try table.position("Uuid") }
      var attachments: [Int] = []
      for title in ["Attachments", "File Names", "Attachment URLs"] {
        if let column = try table.position(title) { attachments.append(column) }
      }
      self.attachments = attachments
      // "Share Ratio Ann" may be the ratio of Ann or the share of "Ratio Ann": the first columns are those of
      // shares.
      var (names, shares): (MemberNames, [Int]) = (MemberNames(), [])
      for column in table.titles.indices.dropFirst(rate + 1) {
        guard let name = TricountFile.name(table.titles[column], after: "Share ") else { break }
        guard names.position(of: name) == shares.count else {
          throw .unreadable(table.place, "twice", "Two members are named \"\(name.cut(to: 40))\".")
        }
        shares.append(column)
      }
      guard let first = names.names.first else {
        throw .unreadable(
          table.place, "column_missing",
          "The file has no column \"Share …\" of a member behind \"Exchange Rate\".")
      }
      let localStart = rate + 1 + shares.count
      localShares = Array(localStart..<(localStart + shares.count))
      for (column, name) in zip(localShares, names.names) {
        guard column < table.titles.count,
          TricountFile.name(table.titles[column], after: "Local Share ") == name
        else {
          throw .unreadable(
            table.place, "column_missing",
            "The columns \"Local Share \(first.cut(to: 40))\" and so on are not behind those of the shares.")
        }
      }
      (self.names, self.shares) = (names, shares)
    }

    func text(_ row: ImportedTable.Row, _ column: Int?) -> String { column.map { row[$0] } ?? "" }
  }

  static func read(_ table: TitledTable, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    let columns = try Columns(table)
    let dates = try DateReading(
      table.rows.lazy.map { (text: $0[columns.date], place: $0.place) }, wanted: options.dates)
    let numbers = try TricountFile.numbers(
      table, [columns.total, columns.localTotal, columns.rate] + columns.shares + columns.localShares, options
    )
    var books = ImportedBooks(members: columns.names.names.map { .init(name: $0) })
    var (attachments, state) = (0, State())
    for row in table.rows {
      if columns.attachments.contains(where: { !row[$0].isEmpty }) { attachments += 1 }
      let day = try dates.day(row[columns.date], at: row.place)
      try add(row, day, columns, numbers, options, to: &books, &state)
    }
    books.addNotice(ofMisfits: state.misfits)
    if attachments > 0 {
      books.notices.append("Entries with attachments, which the file does not contain: \(attachments).")
    }
    if state.severalReceivers > 0 {
      books.notices.append(
        "Payments to several members are read as expenses, with the same balances: \(state.severalReceivers)."
      )
    }
    return ImportedContent(books: books, readings: table.readings(numbers, dates))
  }

  /// The facts that are found while the lines are read.
  private struct State {
    var keys: Set<String> = []
    var severalReceivers = 0
    /// The lines whose rate does not give the amount.
    var misfits: [String] = []
  }

  private static func add(
    _ row: ImportedTable.Row, _ day: Day, _ columns: Columns, _ numbers: NumberReading,
    _ options: ImportOptions, to books: inout ImportedBooks, _ state: inout State
  ) throws(Rejection) {
    let currency = try Currency.ofLine(row[columns.currency], options, row.place)
    let kind = row[columns.kind].uppercased()
    guard ["", "NORMAL", "INCOME", "BALANCE"].contains(kind) else {
      throw .unreadable(
        row.place, "unknown_kind", "\"\(row[columns.kind].cut(to: 40))\" is not NORMAL, INCOME or BALANCE.")
    }
    let description = description(row[columns.description], kind)
    let status = columns.text(row, columns.status)
    guard status.isEmpty || status.uppercased() == "ACTIVE" else {
      return books.leaveOut(row.place, description, "Its status in Tricount is \"\(status.cut(to: 40))\".")
    }
    let payer = try columns.names.known(row[columns.payer], row.place)
    var total = try TricountFile.amount(row, columns.total, numbers, currency)
    if kind == "INCOME" { total = -abs(total) }
    let shares = signed(try TricountFile.amounts(row, columns.shares, numbers, currency), total)
    let amount = Amount(total, currency)
    try shares.requireTotal(amount, row.place, "shares")
    guard total != 0 else { return books.leaveOut(row.place, description, "Its amount is 0.") }
    var entry = ImportedEntry(
      place: row.place, kind: .expense(payers: [.init(member: payer, amount: total)], split: shares.asSplit),
      description: description, amount: amount, date: day, category: category(row, columns))
    let key = columns.text(row, columns.key)
    guard key.isEmpty || state.keys.insert(key).inserted else {
      throw .unreadable(row.place, "twice", "Another line has the same UUID.")
    }
    entry.key = key.isEmpty ? nil : key
    if let paid = try addOriginal(&entry, row, columns, numbers, options),
      !numbers.fits(paid, row[columns.rate], amount)
    {
      state.misfits.append("\(row.place)")
    }
    if kind == "BALANCE" {
      if shares.count == 1, let receiver = shares.first?.member {
        guard entry.makePayment(from: payer, to: receiver) else {
          return books.leaveOut(row.place, description, "The payer and the receiver are the same member.")
        }
      } else {
        state.severalReceivers += 1
      }
    }
    books.entries.append(entry)
  }

  private static func description(_ text: String, _ kind: String) -> String {
    guard text.isEmpty else { return text }
    return switch kind {
    case "INCOME": "Income"
    case "BALANCE": "Payment"
    default: "Expense"
    }
  }

  /// Gives shares the sign of the total: the program writes them all above zero.
  private static func signed(_ shares: [ImportedEntry.Part], _ total: Int64) -> [ImportedEntry.Part] {
    guard total < 0, shares.allSatisfy({ $0.amount > 0 }) else { return shares }
    return shares.map { .init(member: $0.member, amount: -$0.amount) }
  }

  /// Returns the amount in another currency in which it was paid; `nil` for none.
  private static func addOriginal(
    _ entry: inout ImportedEntry, _ row: ImportedTable.Row, _ columns: Columns, _ numbers: NumberReading,
    _ options: ImportOptions
  ) throws(Rejection) -> Amount? {
    guard !row[columns.localCurrency].isEmpty else { return nil }
    let currency = try Currency.ofLine(row[columns.localCurrency], options, row.place)
    guard currency != entry.amount.currency else { return nil }
    var local = try TricountFile.amount(row, columns.localTotal, numbers, currency)
    if entry.amount.minorUnits < 0 { local = -abs(local) }
    let parts = signed(try TricountFile.amounts(row, columns.localShares, numbers, currency), local)
    let paid = Amount(local, currency)
    // The shares in the currency of the group count; those of the payment are kept only when they fit.
    let isWhole = local != 0 && (try? parts.requireTotal(paid, row.place, "shares")) != nil
    entry.addOriginal(paid, rate: row[columns.rate], numbers, split: isWhole ? parts.asSplit : nil)
    return paid
  }

  /// Returns the own category of the group, or that of Tricount in words.
  private static func category(_ row: ImportedTable.Row, _ columns: Columns) -> String? {
    let own = columns.text(row, columns.customCategory)
    guard own.isEmpty else { return own }
    let code = columns.text(row, columns.category)
    guard !code.isEmpty, code.uppercased() != "UNCATEGORIZED" else { return nil }
    let words = code.lowercased().replacingScalars { $0 == "_" ? " " : nil }
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}

/// The file for Sesterce.
private enum SesterceTable {
  private struct Columns {
    let date, title, currency: Int
    let category, rate: Int?
    /// The columns in the order of the members.
    let payers, sharers: [Int]
    let names: MemberNames

    init(_ table: TitledTable) throws(Rejection) {
      date = try table.needed("Date")
      title = try table.needed("Title")
      currency = try table.needed("Currency")
      category = try table.position("Category")
      rate = try table.position("Exchange rate")
      var (names, payers): (MemberNames, [Int]) = (MemberNames(), [])
      for title in table.titles {
        guard let name = TricountFile.name(title, after: "Paid by ") else { continue }
        _ = names.position(of: name)
        payers.append(try table.needed(title))
      }
      var sharers: [Int] = []
      for name in names.names { sharers.append(try table.needed("Paid for \(name)")) }
      let count = table.titles.count { TricountFile.name($0, after: "Paid for ") != nil }
      guard count == payers.count else {
        throw .unreadable(
          table.place, "column_missing",
          "The file has \(payers.count) columns \"Paid by …\" and \(count) columns \"Paid for …\".")
      }
      (self.names, self.payers, self.sharers) = (names, payers, sharers)
    }
  }

  static func read(_ table: TitledTable, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    let columns = try Columns(table)
    let dates = try DateReading(
      table.rows.lazy.map { (text: $0[columns.date], place: $0.place) }, wanted: options.dates)
    let numbers = try TricountFile.numbers(
      table, columns.payers + columns.sharers + [columns.rate].compactMap(\.self), options)
    var books = ImportedBooks(members: columns.names.names.map { .init(name: $0) })
    let base = try baseCurrency(table, columns, numbers, options)
    for row in table.rows {
      let currency = try Currency.ofLine(row[columns.currency], options, row.place)
      var entry = ImportedEntry(
        place: row.place, kind: .payment(from: 0, to: 0), description: row[columns.title],
        amount: Amount(0, currency), date: try dates.day(row[columns.date], at: row.place))
      let category = columns.category.map { row[$0] } ?? ""
      entry.category = category.isEmpty ? nil : category
      if entry.description.isEmpty { entry.description = entry.category ?? "Expense" }
      try add(entry, row, columns, numbers, base, to: &books)
    }
    return ImportedContent(books: books, readings: table.readings(numbers, dates))
  }

  /// Returns the currency of the group: that of the lines with the rate 1. `nil` when all lines have that
  /// rate.
  private static func baseCurrency(
    _ table: TitledTable, _ columns: Columns, _ numbers: NumberReading, _ options: ImportOptions
  ) throws(Rejection) -> Currency? {
    var (others, converted): (Set<Currency>, ImportPlace?) = ([], nil)
    for row in table.rows {
      let currency = try Currency.ofLine(row[columns.currency], options, row.place)
      if isConverted(row, columns, numbers) {
        converted = converted ?? row.place
      } else {
        others.insert(currency)
      }
    }
    guard let converted else { return nil }
    guard let base = others.count == 1 ? others.first : options.currency(called: "") else {
      throw .unreadable(
        converted, "currency_missing", "The file does not name the currency of the group. Send currency=EUR.")
    }
    return base
  }

  private static func isConverted(_ row: ImportedTable.Row, _ columns: Columns, _ numbers: NumberReading)
    -> Bool
  {
    guard let column = columns.rate, !row[column].isEmpty else { return false }
    return !numbers.isOne(row[column])
  }

  private static func add(
    _ draft: ImportedEntry, _ row: ImportedTable.Row, _ columns: Columns, _ numbers: NumberReading,
    _ base: Currency?, to books: inout ImportedBooks
  ) throws(Rejection) {
    let currency = draft.amount.currency
    var payers = try TricountFile.amounts(row, columns.payers, numbers, currency)
    var shares = try TricountFile.amounts(row, columns.sharers, numbers, currency)
    let paid = Amount(try payers.total(currency, row.place), currency)
    try payers.requireTotal(paid, row.place, "payers")
    try shares.requireTotal(paid, row.place, "members for whom it was paid")
    guard paid.minorUnits != 0 else {
      return books.leaveOut(row.place, draft.description, "Its amount is 0.")
    }
    var entry = draft
    entry.amount = paid
    let split = shares.asSplit
    if let base, base != currency, isConverted(row, columns, numbers), let column = columns.rate {
      guard let rate = numbers.rate(row[column]) else {
        throw .unreadable(row.place, "not_a_number", "\"\(row[column].cut(to: 40))\" is not a rate above 0.")
      }
      guard let worth = try? rate.worth(of: paid, in: base), worth.minorUnits.magnitude <= Amount.limit else {
        throw .unreadable(row.place, "too_large", "The amount in \(base) is too large.")
      }
      guard worth.minorUnits != 0 else {
        return books.leaveOut(row.place, draft.description, "Its amount in \(base) is 0.")
      }
      payers = payers.proportional(to: worth.minorUnits)
      shares = shares.proportional(to: worth.minorUnits)
      entry.amount = worth
      entry.original = .init(amount: paid, rate: rate, split: split)
    }
    if case .equally = split {
      entry.kind = .expense(payers: payers, split: split)
    } else {
      entry.kind = .expense(payers: payers, split: .exact(shares))
    }
    // The program gives payments this category, unless the group has an own one for them.
    if draft.category?.nameKey == "money transfer", payers.count == 1, shares.count == 1 {
      guard entry.makePayment(from: payers[0].member, to: shares[0].member) else {
        return books.leaveOut(row.place, draft.description, "The payer and the receiver are the same member.")
      }
    }
    books.entries.append(entry)
  }
}
