import KittyShared

/// A table of a spreadsheet: a line for each expense or payment. The columns are told by their titles in
/// six languages, or by the request; those for the date, the amount and the payer are needed.
///
/// A cell with several members joins them by `;`, `,`, `+` or ` & `; a comma between two digits is part of
/// a number. Behind a participant there may be a weight, as in `Ann:2`, or the amount of their share, as in
/// `Ann=3.50`; behind each of several payers there must be an amount. Without participants, all members of
/// the file share an expense, and so they do with a word for all, such as `all` or `alle`. A text that may be something else than
/// a name is refused (`AmbiguousNames`). Columns at the end may have, for
/// the member in each title, what the line does to the balance, as in a file of Splitwise.
///
/// A column that is not read must not say who owes what: one with numbers or members, or with a member in its title, is refused
/// until the request gives it a role.
enum GeneralTable: ImportedFile {
  static let format = ImportFormat.csv

  static func recognizes(_ file: ImportedDocument) -> Bool {
    let titles = Set(file.header.map(\.nameKey))
    return [TableColumn.date, .amount, .payer].allSatisfy { column in
      titles.contains { titlesByColumn[column]?.contains($0) == true }
    }
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    let table = try TitledTable(file.text)
    var columns = try Columns(table, options.columns)
    func needed(_ role: TableColumn) throws(Rejection) -> Int {
      try table.needed(columns[role], role, among: columns.others)
    }
    let (date, amount, payer) = try (needed(.date), needed(.amount), needed(.payer))
    var books = ImportedBooks()
    let rows = table.rows.rows { !($0[date].isEmpty && $0[payer].isEmpty) }
    if rows.count < table.rows.count {
      for row in table.rows where row[date].isEmpty && row[payer].isEmpty {
        books.leaveOut(
          row.place, row.fields.map(\.trimmed).joined(separator: " "), "It has no date and no payer.")
      }
    }
    let dates = try DateReading(rows.lazy.map { (text: $0[date], place: $0.place) }, wanted: options.dates)
    func line(_ row: ImportedTable.Row) throws(Rejection) -> Line {
      try Line(row, columns, dates, date: date, amount: amount, payer: payer)
    }
    var words = WordsForAll()
    for row in rows { words.add(try line(row)) }
    columns.findNets(table, rows, payers: words.payers)
    var names = MemberNames()
    for title in columns.nets.map({ table.titles[$0] }) { _ = names.position(of: title) }
    let titled = names.names.map(\.nameKey)
    var search = NumberReading.Search()
    for row in rows {
      let line = words.read(try line(row))
      let items = line.payers + line.participants
      for item in items { _ = names.position(of: item.name) }
      for number in [line.amount] + items.compactMap(\.amount) + line.nets {
        try search.add(number, at: line.place)
      }
    }
    let ambiguous = AmbiguousNames(
      among: names.names, payers: words.payers, known: options.names.union(titled))
    var refused = AmbiguousNames.Refused()
    for row in rows where !ambiguous.isEmpty {
      let line = words.read(try line(row))
      for item in line.payers + line.participants where ambiguous.contains(item.name) {
        refused.add(item.name, at: line.place)
      }
    }
    if let refusal = refused.refusal { throw refusal }
    let numbers = try search.reading(wanted: options.decimalMark)
    for row in rows where !columns.nets.isEmpty {
      if try !addUpToZero(line(row), numbers, options) { columns.dropNets() }
    }
    try columns.requireRead(table, rows, names)
    var reader = Reader(numbers, options, names)
    for row in rows { try reader.add(words.read(try line(row)), to: &books) }
    books.members = names.names.map { .init(name: $0) }
    if let kind = reader.unknownKind {
      books.notices.append(
        "Lines of a kind that is not known here, such as \"\(kind.cut(to: 40))\", are read as expenses: \(reader.unknownKinds)."
      )
    }
    return ImportedContent(
      books: books,
      readings: table.readings(numbers, dates) + columns.readings(table.titles)
        + (words.first.map { ["participants: \"\($0.cut(to: 40))\" means all members of the file"] } ?? []))
  }

  /// Returns `true` when what a line does to balances adds up to zero.
  private static func addUpToZero(
    _ line: Line, _ numbers: NumberReading, _ options: ImportOptions
  ) throws(Rejection) -> Bool {
    let currency = try Currency.ofLine(line.currency, options, line.place)
    // With nothing for any member, the line says nothing of its shares.
    guard line.nets.contains(where: { !$0.isEmpty }) else { return false }
    var sum = Int128(0)
    for text in line.nets where !text.isEmpty {
      guard let value = try? numbers.amount(text, currency) else { return false }
      sum += Int128(value)
    }
    return sum == 0
  }

  /// The words in place of participants that mean all members, unless a payer has such a name.
  private struct WordsForAll {
    /// The keys of the names of payers.
    private(set) var payers: Set<String> = []
    private var found: [String] = []

    mutating func add(_ line: Line) {
      payers.formUnion(line.payers.map(\.name.nameKey))
      if let word = Self.word(in: line), !found.contains(word) { found.append(word) }
    }

    /// The first word that means all members.
    var first: String? { found.first { !payers.contains($0.nameKey) } }

    /// Returns a line without participants where they are a word that means all members.
    func read(_ line: Line) -> Line {
      guard let word = Self.word(in: line), !payers.contains(word.nameKey) else { return line }
      var line = line
      line.participants = []
      return line
    }

    private static func word(in line: Line) -> String? {
      guard line.participants.count == 1, let item = line.participants.first, item.weight == nil,
        item.amount == nil, wordsForAll.contains(item.name.nameKey)
      else { return nil }
      return item.name
    }
  }

  /// A member in a cell, with the text of the weight or of the amount behind the name.
  private struct Item {
    let name: String
    var weight: Int64?
    var amount: String?

    init(_ text: String, _ place: ImportPlace) throws(Rejection) {
      let scalars = text.unicodeScalars
      if let mark = scalars.lastIndex(of: "=") {
        name = String(scalars[..<mark]).trimmed.withoutQuotes
        amount = String(scalars[scalars.index(after: mark)...]).trimmed
      } else if let mark = scalars.lastIndex(of: ":") {
        name = String(scalars[..<mark]).trimmed.withoutQuotes
        let digits = String(scalars[scalars.index(after: mark)...]).trimmed
        guard let number = Int64(digits), (0...1_000_000).contains(number) else {
          throw .unreadable(
            place, "not_a_number",
            "\"\(text.cut(to: 40))\" has a weight that is not a whole number from 0 to 1,000,000.")
        }
        weight = number
      } else {
        name = text.withoutQuotes
      }
      guard !name.isEmpty else {
        throw .unreadable(place, "missing", "\"\(text.cut(to: 40))\" has no name of a member.")
      }
    }

    /// Reads the members in a cell.
    /// - Throws: `Rejection` when one has no name, or is named twice.
    static func list(_ cell: String, _ place: ImportPlace) throws(Rejection) -> [Item] {
      var (items, names): ([Item], Set<String>) = ([], [])
      for piece in GeneralTable.pieces(of: cell) {
        let item = try Item(piece, place)
        guard names.insert(item.name).inserted else {
          throw .unreadable(place, "twice", "\"\(item.name.cut(to: 40))\" is named twice in one cell.")
        }
        items.append(item)
      }
      return items
    }
  }

  /// Returns the parts of a cell: each has a member, perhaps with a weight or an amount.
  static func pieces(of cell: String) -> [String] {
    let scalars = Array(cell.unicodeScalars)
    func at(_ index: Int) -> Unicode.Scalar { scalars.indices.contains(index) ? scalars[index] : " " }
    return scalars.indices.split { index in
      switch scalars[index] {
      case ";", "+": true
      case ",": !at(index - 1).isDigit || !at(index + 1).isDigit
      case "&": at(index - 1).properties.isWhitespace && at(index + 1).properties.isWhitespace
      default: false
      }
    }.map { piece in String(String.UnicodeScalarView(scalars[piece.startIndex..<piece.endIndex])).trimmed }
      .filter { !$0.isEmpty }
  }

  /// The texts of a line.
  private struct Line {
    let place: ImportPlace
    let day: Day
    let amount: String
    let payers: [Item]
    var participants: [Item]
    let currency: String
    let category: String
    let note: String
    let kind: String
    let description: String
    /// The changes of the balances of the members in the titles.
    let nets: [String]

    init(
      _ row: ImportedTable.Row, _ columns: Columns, _ dates: DateReading, date: Int, amount: Int, payer: Int
    ) throws(Rejection) {
      func text(_ column: TableColumn) -> String { columns[column].map { row[$0] } ?? "" }
      place = row.place
      day = try dates.day(row[date], at: row.place)
      self.amount = row[amount]
      payers = try Item.list(row[payer], row.place)
      participants = try Item.list(text(.participants), row.place)
      (currency, category, note, kind) = (text(.currency), text(.category), text(.note), text(.kind))
      let titles = [text(.description), category, kind].filter { !$0.isEmpty }
      description = titles.first ?? "Expense"
      nets = columns.nets.map { row[$0] }
      guard !payers.isEmpty else {
        throw .unreadable(row.place, "missing", "The line has no payer.")
      }
      guard payers.allSatisfy({ $0.weight == nil }) else {
        throw .unreadable(
          row.place, "payer_weight",
          "A payer has an amount, as in Ann=3.50, and no weight. Names have no colon.")
      }
    }
  }

  /// The state of reading lines into entries.
  private struct Reader {
    let numbers: NumberReading
    let options: ImportOptions
    var names: MemberNames
    /// All members of the file.
    let all: [Int]
    /// The number of lines of kinds that are not known, and the first of these.
    var (unknownKinds, unknownKind): (Int, String?) = (0, nil)

    init(_ numbers: NumberReading, _ options: ImportOptions, _ names: MemberNames) {
      (self.numbers, self.options, self.names, all) = (numbers, options, names, names.all)
    }

    mutating func add(_ line: Line, to books: inout ImportedBooks) throws(Rejection) {
      let currency = try Currency.ofLine(line.currency, options, line.place)
      var amount = try number(line.amount, currency, line.place)
      let kind = line.kind.nameKey
      if incomeWords.contains(kind), amount > 0 { amount = -amount }
      let payers = try payers(line, amount, currency)
      var entry = ImportedEntry(
        place: line.place, kind: .payment(from: 0, to: 0), description: line.description,
        amount: Amount(amount, currency), date: line.day, note: line.note.isEmpty ? nil : line.note)
      let split = try split(line, amount, currency, payers)
      guard amount != 0 else { return books.leaveOut(line.place, line.description, "Its amount is 0.") }
      if let (payer, receiver) = payment(line, payers, split) {
        guard entry.makePayment(from: payer, to: receiver) else {
          return books.leaveOut(
            line.place, line.description, "The payer and the participant are the same member.")
        }
      } else if paymentWords.contains(kind) {
        throw .unreadable(line.place, "payment_members", "A payment has one payer and one participant.")
      } else {
        if !kind.isEmpty, !incomeWords.contains(kind), !expenseWords.contains(kind) {
          (unknownKinds, unknownKind) = (unknownKinds + 1, unknownKind ?? line.kind)
        }
        entry.kind = .expense(payers: payers, split: split)
        entry.category = line.category.isEmpty ? nil : line.category
      }
      books.entries.append(entry)
    }

    /// Returns the members of a payment; `nil` for an expense.
    private func payment(
      _ line: Line, _ payers: [ImportedEntry.Part], _ split: ImportedEntry.Split
    ) -> (payer: Int, receiver: Int)? {
      // With the balances of Splitwise there may be its category too.
      let isPayment =
        paymentWords.contains(line.kind.nameKey)
        || !line.nets.isEmpty && SplitwiseFile.paymentWords.contains(line.category.nameKey)
      guard isPayment, payers.count == 1, split.members.count == 1, let receiver = split.members.first,
        line.participants.count == 1 || !line.nets.isEmpty
      else { return nil }
      return (payers[0].member, receiver)
    }

    private mutating func payers(
      _ line: Line, _ amount: Int64, _ currency: Currency
    ) throws(Rejection) -> [ImportedEntry.Part] {
      if line.payers.count == 1, line.payers[0].amount == nil {
        return [.init(member: names.position(of: line.payers[0].name), amount: amount)]
      }
      return try parts(line.payers, amount, currency, line.place, "payers")
    }

    private mutating func split(
      _ line: Line, _ amount: Int64, _ currency: Currency, _ payers: [ImportedEntry.Part]
    ) throws(Rejection) -> ImportedEntry.Split {
      if !line.nets.isEmpty, amount != 0 {
        return try split(line.nets, Amount(amount, currency), payers, line.place)
      }
      let items = line.participants
      guard !items.isEmpty else {
        guard all.count <= SplitRule.maxSharers else {
          throw .unreadable(
            line.place, "too_many",
            "The line has no participants, and the file has more than \(SplitRule.maxSharers) members.")
        }
        return .equally(all)
      }
      if items.contains(where: { $0.amount != nil }) {
        return .exact(try parts(items, amount, currency, line.place, "participants"))
      }
      guard items.contains(where: { $0.weight != nil }) else {
        return .equally(items.map { names.position(of: $0.name) })
      }
      guard items.contains(where: { $0.weight != 0 }) else {
        throw .unreadable(line.place, "no_weight", "The weights of the participants are all 0.")
      }
      return .shares(items.map { .init(member: names.position(of: $0.name), weight: $0.weight ?? 1) })
    }

    /// Returns the shares that explain what a line does to balances: those of a member are what they paid without it.
    private func split(
      _ nets: [String], _ amount: Amount, _ payers: [ImportedEntry.Part], _ place: ImportPlace
    ) throws(Rejection) -> ImportedEntry.Split {
      var shares: [Int: Int64] = [:]
      for payer in payers { shares[payer.member, default: 0] += payer.amount }
      // The first members are those of the titles.
      for (member, text) in nets.enumerated() where !text.isEmpty {
        shares[member, default: 0] -= try number(text, amount.currency, place)
      }
      let parts = shares.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map {
        ImportedEntry.Part(member: $0.key, amount: $0.value)
      }
      try parts.requireTotal(amount, place, "members")
      return parts.asSplit
    }

    /// Reads the amounts of members, which add up to that of the line.
    private mutating func parts(
      _ items: [Item], _ amount: Int64, _ currency: Currency, _ place: ImportPlace, _ role: String
    ) throws(Rejection) -> [ImportedEntry.Part] {
      var parts: [ImportedEntry.Part] = []
      for item in items {
        guard let text = item.amount else {
          throw .unreadable(
            place, "missing",
            "Write an amount behind each of the \(role), as in \(item.name.cut(to: 40))=3.50, or behind none."
          )
        }
        let value = try number(text, currency, place)
        // The kind says that money came back; the amounts may be written without a sign.
        parts.append(
          .init(member: names.position(of: item.name), amount: amount < 0 && value > 0 ? -value : value))
      }
      try parts.requireTotal(Amount(amount, currency), place, role)
      return parts
    }

    private func number(_ text: String, _ currency: Currency, _ place: ImportPlace) throws(Rejection) -> Int64
    {
      do throws(NumberReading.Failure) { return try numbers.amount(text, currency) } catch {
        throw error.at(place)
      }
    }
  }
}
