import KittyShared

/// The CSV of a group of Splitwise: a line for each expense, with what it does to the balance of each member. It does not say
/// who paid how much: a member whose balance rises paid.
///
/// The titles and the category of payments are in the language of the account, so the columns are told by their places:
/// date, description, category, cost, currency, and one for each member. The last lines have no cost: they show the balances.
enum SplitwiseFile: ImportedFile {
  static let format = ImportFormat.splitwise

  /// The first column of a member.
  private static let firstMember = 5

  static func recognizes(_ file: ImportedDocument) -> Bool {
    // Line by line, so that one line without an end does not hide the others.
    let lines = file.beginning.unicodeScalars.split(whereSeparator: { $0 == "\n" || $0 == "\r" })
    guard !file.isJSON, file.header.count > firstMember else { return false }
    let rows = lines.dropFirst().compactMap { try? ImportedTable(String($0)).rows.first }.filter {
      !$0.isEmpty
    }
    let fitting = rows.count { Currency(code: $0[4]) != nil && $0[0].unicodeScalars.first?.isDigit == true }
    return fitting > 0 && fitting * 2 >= rows.count
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    let table = try ImportedTable(file.text)
    let rows = table.rows.withText
    guard let header = rows.first, header.fields.count > firstMember else {
      throw .unreadable(
        .line(rows.first?.line ?? 1), "column_missing",
        "A file of Splitwise has columns for the date, description, category, cost, currency, and each member."
      )
    }
    var names = header.fields.dropFirst(firstMember).map(\.trimmed)
    while names.last?.isEmpty == true { names.removeLast() }
    guard !names.isEmpty, !names.contains("") else {
      throw .unreadable(
        header.place, "missing", "Each column from the sixth on must have the name of a member.")
    }
    let columns = firstMember + names.count
    for row in rows { try table.check(row, titles: columns) }
    let lines = rows.dropFirst()
    let numbers = try NumberReading(
      lines.lazy.flatMap { row in
        ([3] + Array(firstMember..<columns)).map { (text: row[$0], place: row.place) }
      },
      wanted: options.decimalMark)
    let dates = try DateReading(lines.lazy.map { (text: $0[0], place: $0.place) }, wanted: options.dates)
    var distinct = DistinctNames()
    var books = ImportedBooks(
      members: names.enumerated().map { .init(name: distinct.add($1, orElse: "Member \($0 + 1)")) })
    books.notices = distinct.notices
    var balances: [ImportedBooks.Balance] = []
    func line(_ row: ImportedTable.Row) throws(Rejection) -> Line {
      try Line(row, numbers, dates, members: names.count)
    }
    var payments = Payments(names)
    for row in lines {
      let found = try line(row)
      // Few files need this: their categories are looked at before one line of them is judged.
      if payments.isUnclear(found) {
        for row in lines { payments.note(try line(row)) }
      }
      if row[3].isEmpty {
        balances += found.nets.enumerated().map {
          .init(member: $0.offset, amount: Amount($0.element, found.currency))
        }
      } else {
        try add(found, &payments, to: &books)
      }
    }
    books.balances = balances.isEmpty ? nil : balances
    books.notices += payments.notices
    if balances.isEmpty {
      books.notices.append(
        "The file has no line of totals at its end, as Splitwise writes it: it may be cut off. The balances are computed from its lines."
      )
    }
    return ImportedContent(
      books: books,
      readings: [
        "separator: \(table.separatorName)", "decimal mark: \(numbers.mark.text)",
        "days: \(dates.order.text)",
      ])
  }

  /// A line with its amounts in minor units.
  struct Line {
    let place: ImportPlace
    let day: Day
    let description: String
    let category: String
    /// Zero for a line of totals.
    let cost: Int64
    let currency: Currency
    /// The change of each member's balance: they add up to zero.
    let nets: [Int64]

    fileprivate init(_ row: ImportedTable.Row, _ numbers: NumberReading, _ dates: DateReading, members: Int)
      throws(Rejection)
    {
      place = row.place
      day = try dates.day(row[0], at: row.place)
      description = row[1]
      category = row[2]
      currency = try Currency(read: row[4], "\(row.place)")
      do throws(NumberReading.Failure) {
        cost = row[3].isEmpty ? 0 : try numbers.amount(row[3], currency)
        var nets: [Int64] = []
        for column in firstMember..<(firstMember + members) {
          nets.append(row[column].isEmpty ? 0 : try numbers.amount(row[column], currency))
        }
        self.nets = nets
      } catch {
        throw error.at(row.place)
      }
      guard nets.reduce(0, +) == 0 else {
        throw .unreadable(
          row.place, "not_zero",
          "The amounts of the members add up to \(Amount(nets.reduce(0, +), currency)), not to zero.")
      }
    }
  }

  private static func add(
    _ line: Line, _ payments: inout Payments, to books: inout ImportedBooks
  ) throws(Rejection) {
    guard line.nets.contains(where: { $0 != 0 }) else {
      return books.leaveOut(
        line.place, line.description, "It changes no balance, and the file does not say who paid.")
    }
    guard let found = Reconstruction(cost: line.cost, nets: line.nets) else {
      throw .unreadable(
        line.place, "not_the_total",
        "The members owe more than the cost of \(Amount(line.cost, line.currency)). Correct the line, or export the file again."
      )
    }
    var entry = ImportedEntry(
      place: line.place, kind: found.kind, description: line.description,
      amount: Amount(found.amount, line.currency), date: line.day)
    if let payment = payments.payment(line) {
      entry.kind = payment
      entry.amount = Amount(line.cost, line.currency)
    } else {
      entry.category = line.category.isEmpty ? nil : line.category
      if found.amount < 0 {
        books.notices.append(
          "\(line.place): \"\(line.description.cut(to: 60))\" is read as money that came back to one member for all. The balances are right."
        )
      } else if found.isGuess {
        books.notices.append(
          "\(line.place): several members paid \"\(line.description.cut(to: 60))\", and the file does not say how much each. The balances are right."
        )
      }
    }
    books.entries.append(entry)
  }
}

/// The payers and shares that explain what an expense does to balances.
struct Reconstruction: Hashable {
  let kind: ImportedEntry.Kind
  /// The amount: the cost, or its opposite for money that came back.
  let amount: Int64
  /// `true` when other amounts paid would have the same balances.
  let isGuess: Bool

  /// - Parameters:
  ///   - cost: The cost, above zero.
  ///   - nets: The change of each member's balance; they add up to zero.
  /// - Returns: `nil` when no division of the cost has these balances.
  init?(cost: Int64, nets: [Int64]) {
    let raised = nets.indices.filter { nets[$0] > 0 }
    let lowered = nets.indices.filter { nets[$0] < 0 }
    let owed = lowered.reduce(0) { $0 - nets[$1] }
    let rest = cost - owed
    guard cost > 0, rest >= 0, let first = raised.first else { return nil }
    if raised.count == 1 {
      self.init(
        cost: cost, payers: [(first, cost)], shares: lowered.map { ($0, -nets[$0]) } + [(first, rest)])
      return
    }
    // One member got money that belongs to all: the mirror image of an expense.
    if lowered.count == 1, let receiver = lowered.first {
      let (least, most) = (raised.map { nets[$0] }.min() ?? 0, raised.map { nets[$0] }.max() ?? 0)
      if most - least <= 1, rest >= least - 1, rest <= most + 1 {
        self.init(
          cost: -cost, payers: [(receiver, -cost)],
          shares: raised.map { ($0, -nets[$0]) } + [(receiver, -rest)])
        return
      }
    }
    // Several paid. Equal shares, when those who did not pay have them; otherwise in proportion to what they are owed.
    let count = Int64(nets.count { $0 != 0 })
    let base = cost / count
    let isEqual = lowered.allSatisfy { -nets[$0] == base || -nets[$0] == base + 1 }
    let parts = Self.divide(rest, by: isEqual ? raised.map { _ in 1 } : raised.map { nets[$0] })
    self.init(
      cost: cost, payers: zip(raised, parts).map { ($0, nets[$0] + $1) },
      shares: lowered.map { ($0, -nets[$0]) } + Array(zip(raised, parts)), isGuess: true)
  }

  private init(cost: Int64, payers: [(Int, Int64)], shares: [(Int, Int64)], isGuess: Bool = false) {
    func parts(_ list: [(Int, Int64)]) -> [ImportedEntry.Part] {
      list.sorted { $0.0 < $1.0 }.compactMap { $0.1 == 0 ? nil : .init(member: $0.0, amount: $0.1) }
    }
    amount = cost
    kind = .expense(payers: parts(payers), split: .exact(parts(shares)))
    self.isGuess = isGuess
  }

  /// Divides an amount in proportion to weights, the odd units to the first.
  private static func divide(_ amount: Int64, by weights: [Int64]) -> [Int64] {
    let total = weights.reduce(Int128(0)) { $0 + Int128($1) }
    var parts = weights.map { Int64(Int128(amount) * Int128($0) / total) }
    var left = amount - parts.reduce(0, +)
    for index in parts.indices where left > 0 {
      parts[index] += 1
      left -= 1
    }
    return parts
  }
}
