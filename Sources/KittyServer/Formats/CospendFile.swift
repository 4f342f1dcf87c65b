import FoundationEssentials
import KittyShared

/// The CSV of a project of Cospend: tables of the members, the bills, the categories, the payment modes and
/// the currencies, with an empty line between two of them. Each has its titles.
///
/// Before version 1.3.16 the first bills stood for members; MoneyBuster still writes them. Before 2026 the
/// quotation marks within a text were not doubled, and those in other tables than the bills still are not.
/// Amounts are in the main currency of the project: Cospend converts another one when the bill is entered.
enum CospendFile: ImportedFile {
  static let format = ImportFormat.cospend

  private typealias Number = IHateMoneyFile.Number

  /// The text of a bill that stands for a member.
  private static let memberMark = "deleteMeIfYouWant"

  static func recognizes(_ file: ImportedDocument) -> Bool {
    let header = file.header
    if Set(["name", "weight", "active", "color"]).isSubset(of: header) { return true }
    guard Set(IHateMoneyFile.columns).isSubset(of: header) else {
      return false
    }
    return header.contains("timestamp") || header.contains("repeat") || file.beginning.contains(memberMark)
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    let tables = try tables(of: file.text)
    guard let bills = tables[.bills] else {
      throw .unreadable(
        .file, "column_missing",
        "The file has no table of bills: it is cut off, or was changed. Export it again.")
    }
    var books = Books()
    let main =
      try tables[.currencies].map { table throws(Rejection) in try books.addCurrencies(table) } ?? nil
    for kind in [Kind.members, .bills] {
      if let table = tables[kind] { try books.addMembers(table, kind) }
    }
    for kind in [Kind.categories, .modes] {
      if let table = tables[kind] { try books.addNames(table, kind) }
    }
    let currency = try currency(named: main, options)
    let rows = bills.rows.rows { bills.titles.text("what", $0) != memberMark }
    let dates = try DateReading(
      rows.lazy.map { (text: bills.titles.text("date", $0), place: $0.place) }, wanted: options.dates)
    let names = JoinedNames(books.indices.keys)
    for row in rows { try books.add(row, bills.titles, names, dates, currency) }
    var finished = books.finished()
    finished.currency = currency
    let reading = "currency: \(currency.code)\(main.map { " for \"\($0.cut(to: 20))\"" } ?? "")"
    return ImportedContent(books: finished, readings: ["days: \(dates.order.text)", reading])
  }

  // MARK: - Tables

  private enum Kind: String, CaseIterable {
    case members = "name"
    case bills = "what"
    case categories = "categoryname"
    case modes = "paymentmodename"
    case currencies = "currencyname"

    /// The columns without which nothing can be read.
    var columns: [String] {
      switch self {
      case .members: ["name", "weight", "active"]
      case .bills: IHateMoneyFile.columns
      case .categories: ["categoryname", "categoryid"]
      case .modes: ["paymentmodename", "paymentmodeid"]
      case .currencies: ["currencyname", "exchange_rate"]
      }
    }
  }

  private struct Table {
    let titles: Titles
    let rows: ImportedTable.Rows
  }

  /// Reads the tables with doubled quotation marks, and else with single ones. When neither can be, the one
  /// that comes further was meant.
  private static func tables(of text: String) throws(Rejection) -> [Kind: Table] {
    func line(_ error: Rejection) -> Int {
      error.errors?.first?.field.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }
    let first: Rejection
    do { return try tables(of: ImportedTable(text)) } catch { first = error }
    do { return try tables(of: ImportedTable(text, quotes: .plain)) } catch {
      throw line(error) < line(first) ? first : error
    }
  }

  private static func tables(of file: ImportedTable) throws(Rejection) -> [Kind: Table] {
    var tables: [Kind: Table] = [:]
    for rows in file.rows.split(whereSeparator: \.isEmpty) {
      guard let header = rows.first else { continue }
      guard let kind = Kind.allCases.first(where: { header.fields.map(\.trimmed).contains($0.rawValue) })
      else {
        throw .unreadable(
          header.place, "unknown_table",
          "After an empty line, the titles of a table of Cospend are expected. Export the file again.")
      }
      guard tables[kind] == nil else {
        throw .unreadable(header.place, "twice", "The file has this table twice.")
      }
      let titles = try Titles(header, needed: kind.columns)
      for row in rows.dropFirst() { try titles.check(row) }
      tables[kind] = Table(titles: titles, rows: rows.dropFirst())
    }
    return tables
  }

  /// The titles of a table, by which its columns are found.
  struct Titles {
    private let columns: [String: Int]
    private let count: Int

    init(_ header: ImportedTable.Row, needed: [String]) throws(Rejection) {
      let titles = header.fields.enumerated().map { ($1.trimmed, $0) }.filter { !$0.0.isEmpty }
      columns = Dictionary(titles) { first, _ in first }
      count = header.fields.count
      guard columns.count == titles.count else {
        throw .unreadable(header.place, "twice", "Two columns have the same title.")
      }
      if let missing = needed.first(where: { columns[$0] == nil }) {
        throw .unreadable(header.place, "column_missing", "The column \(missing) is missing.")
      }
    }

    func has(_ title: String) -> Bool { columns[title] != nil }

    /// Returns the text of a column; an empty one for a column that the table does not have.
    func text(_ title: String, _ row: ImportedTable.Row) -> String { columns[title].map { row[$0] } ?? "" }

    /// Refuses a line that has not as many fields as there are titles: its texts would be taken for others.
    func check(_ row: ImportedTable.Row) throws(Rejection) {
      guard row.fields.count != count else { return }
      let isShort = row.fields.count < count
      throw .unreadable(
        row.place, isShort ? "column_missing" : "bad_quote",
        "The line has \(row.fields.count) fields, and the titles are \(count). \(isShort ? "It is cut off, or was changed" : "Leave out a quotation mark before a comma")."
      )
    }
  }

  /// Names in one text with commas between them; some may have commas themselves.
  struct JoinedNames {
    /// The names with commas, by their pieces.
    private var names: [String: String] = [:]
    private var others: Set<String> = []
    /// The most pieces that a name has. Names with more are not looked for.
    private var longest = 1

    init(_ known: some Sequence<String>) {
      for name in known {
        let pieces = Self.pieces(name)
        guard (2...8).contains(pieces.count) else {
          others.insert(name)
          continue
        }
        names[pieces.joined(separator: ",")] = name
        longest = max(longest, pieces.count)
      }
    }

    private static func pieces(_ text: String) -> [String] {
      text.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmed }
    }

    /// Returns the names in a text; `nil` when it can be read in two ways, or has an empty name.
    func split(_ text: String) -> [String]? {
      let pieces = Self.pieces(text)
      guard !pieces.contains("") else { return nil }
      if names.isEmpty { return pieces }
      var (found, index): ([String], Int) = ([], 0)
      while index < pieces.count {
        let most = min(longest, pieces.count - index)
        let matches = (1...most).filter { count in
          count == 1
            ? others.contains(pieces[index])
            : names[pieces[index..<(index + count)].joined(separator: ",")] != nil
        }
        guard matches.count <= 1 else { return nil }
        let count = matches.first ?? 1
        let key = pieces[index..<(index + count)].joined(separator: ",")
        found.append(names[key] ?? key)
        index += count
      }
      return found
    }
  }
}

// MARK: - Books

extension CospendFile {
  /// The names of the categories that are in no table: older versions have the same for all projects.
  private static let standardCategories = [
    "-1": "Grocery", "-2": "Bar/Party", "-3": "Rent", "-4": "Bill", "-5": "Excursion/Culture", "-6": "Health",
    "-10": "Shopping", "-11": "Reimbursement", "-12": "Restaurant", "-13": "Accommodation",
    "-14": "Transport",
    "-15": "Sport",
  ]
  private static let standardModes = [
    "c": "Credit card", "b": "Cash", "f": "Check", "t": "Transfer", "o": "Online service",
  ]
  private static let frequencies = [
    "d": "daily", "w": "weekly", "b": "every two weeks", "s": "twice a month", "m": "monthly", "y": "yearly",
  ]

  /// Returns the currency that the project calls by a name of its own, such as `EUR`, `€` or `Euro`.
  private static func currency(named name: String?, _ options: ImportOptions) throws(Rejection) -> Currency {
    if let currency = options.currency(called: name ?? "") { return currency }
    throw .invalid(
      "currency", "currency_missing",
      "\(name.map { "\"\($0.cut(to: 20))\" is not the code of a currency" } ?? "The file does not say the currency of its amounts"). Send currency=EUR, or another code: the amounts keep their numbers."
    )
  }

  /// Decodes a text of a URL. A text with a character that such a text cannot have is plain.
  private static func decoded(_ text: String, _ place: ImportPlace) throws(Rejection) -> String {
    let isEncoded = text.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || scalar.isDigit || "%+-._~".unicodeScalars.contains(scalar))
    }
    guard isEncoded else { return text }
    var (bytes, rest): ([UInt8], Substring.UTF8View) = ([], text[...].utf8)
    while let byte = rest.popFirst() {
      let code = String(Substring(rest.prefix(2)))
      if byte == UInt8(ascii: "%"), code.count == 2, code.allSatisfy(\.isHexDigit),
        let value = UInt8(code, radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    throw .unreadable(place, "not_readable", "The comment is not text in UTF-8.")
  }

  /// The facts that a group does not keep, by the words that tell them.
  private enum Fact: String, CaseIterable {
    case disabled = "Disabled members, who are added like the others: remove them afterwards"
    case repeated = "Bills that repeat: enter them as recurring expenses"
    case rounded = "Amounts that are rounded, because they have more decimals than the currency"
    case currency = "Other currencies with their rates, which are not kept: Cospend has converted the amounts"
    case mode = "Bills with a payment mode, which is not kept"
    case unnamed = "Bills of a category that the file does not name: they have none here"
    case colour = "Colours and icons, which are not kept"
  }

  /// The books, and what is told about them at the end.
  private struct Books {
    var books = ImportedBooks()
    var indices: [String: Int] = [:]
    private var weights: [Number] = []
    private var names: [Kind: [String: String]] = [:]
    private var facts: [Fact: [String]] = [:]
    /// The file has a table of members.
    private var hasList = false

    /// Adds a member; a weight of 0 counts as 1, as in Cospend.
    private mutating func addMember(_ name: String, _ weight: Number, isActive: Bool) {
      indices[name] = weights.count
      weights.append(weight.isZero ? .one : weight)
      books.members.append(.init(name: name))
      if !isActive { facts[.disabled, default: []].append(name) }
    }

    /// Adds the members of a table: that of the members, or that of the bills with the payers.
    mutating func addMembers(_ table: Table, _ kind: Kind) throws(Rejection) {
      let prefix = kind == .bills ? "payer_" : ""
      for row in table.rows {
        let name = table.titles.text("\(prefix)name", row)
        let weight = try IHateMoneyFile.number(table.titles.text("\(prefix)weight", row), "\(row.place)")
        guard !name.isEmpty else {
          throw .unreadable(row.place, "missing", "The name of the member is missing.")
        }
        guard !weight.isNegative else {
          throw .unreadable(row.place, "not_a_weight", "A weight must not be below zero.")
        }
        if kind == .bills, hasList, indices[name] == nil { throw Self.unknown(name, row.place) }
        if kind == .bills, indices[name] != nil { continue }
        guard indices[name] == nil else {
          throw .unreadable(row.place, "twice", "The file has two members \"\(name.cut(to: 60))\".")
        }
        addMember(name, weight, isActive: table.titles.text("\(prefix)active", row) != "0")
        if !table.titles.text("color", row).isEmpty { facts[.colour, default: []].append(name) }
      }
      if kind == .members { hasList = true }
    }

    private static func unknown(_ name: String, _ place: ImportPlace) -> Rejection {
      .unreadable(place, "unknown_member", "\"\(name.cut(to: 60))\" is not in the table of members.")
    }

    mutating func addNames(_ table: Table, _ kind: Kind) throws(Rejection) {
      for row in table.rows {
        let (id, name) = (table.titles.text(kind.columns[1], row), table.titles.text(kind.rawValue, row))
        guard let number = Int64(id) else {
          throw .unreadable(row.place, "not_a_number", "\"\(id.cut(to: 40))\" is not a number.")
        }
        names[kind, default: [:]]["\(number)"] = name
        if !(table.titles.text("color", row) + table.titles.text("icon", row)).isEmpty {
          facts[.colour, default: []].append(name)
        }
      }
    }

    /// Returns the name of the main currency: the first with the rate 1.
    mutating func addCurrencies(_ table: Table) throws(Rejection) -> String? {
      var main: String?
      for row in table.rows {
        let name = table.titles.text("currencyname", row)
        let rate = try IHateMoneyFile.number(table.titles.text("exchange_rate", row), "\(row.place)")
        if main == nil, rate == .one { main = name } else { facts[.currency, default: []].append(name) }
      }
      return main
    }

    mutating func add(
      _ row: ImportedTable.Row, _ titles: Titles, _ joined: JoinedNames, _ dates: DateReading,
      _ currency: Currency
    ) throws(Rejection) {
      func text(_ title: String) -> String { titles.text(title, row) }
      let (what, amount, category) = (text("what"), text("amount"), text("categoryid"))
      guard ["", "0"].contains(text("deleted")) else {
        return books.leaveOut(row.place, what, "It is deleted, and lies in the trash of Cospend.")
      }
      guard let (value, isExact) = try IHateMoneyFile.number(amount, "\(row.place)").units(of: currency)
      else {
        throw .unreadable(row.place, "too_large", "The amount is too large.")
      }
      let members = try owers(joined.split(text("owers")), row.place)
      guard let payer = indices[text("payer_name")] else { throw Self.unknown(text("payer_name"), row.place) }
      if !isExact { facts[.rounded, default: []].append("\(row.place) from \(amount)") }
      guard value != 0 else { return books.leaveOut(row.place, what, "Its amount is zero.") }
      let kind = try IHateMoneyFile.kind(
        value, from: payer, members.map { ($0, weights[$0]) },
        isPayment: text("paymentmode") == "t" || category == "-11", "\(row.place)")
      let comment = try decoded(text("comment"), row.place).trimmed
      var entry = ImportedEntry(
        place: row.place, kind: kind, description: what, amount: Amount(value, currency),
        date: try dates.day(text("date"), at: row.place), note: comment.isEmpty ? nil : comment)
      if case .payment = kind {
        entry.amount = Amount(abs(value), currency)
      } else {
        entry.category = names[.categories]?[category] ?? standardCategories[category]
        if entry.category == nil, !["", "0"].contains(category) {
          facts[.unnamed, default: []].append("\(row.place)")
        }
        if let mode = names[.modes]?[text("paymentmodeid")] ?? standardModes[text("paymentmode")] {
          facts[.mode, default: []].append("\(row.place) \(mode)")
        }
      }
      if !["", "n"].contains(text("repeat")) {
        let frequency = frequencies[text("repeat")] ?? text("repeat")
        let until = text("repeatuntil").isEmpty ? "" : " until \(text("repeatuntil"))"
        facts[.repeated, default: []].append("\(row.place) \"\(what.cut(to: 40))\" \(frequency)\(until)")
      }
      books.entries.append(entry)
    }

    private mutating func owers(_ names: [String]?, _ place: ImportPlace) throws(Rejection) -> [Int] {
      guard let names else { throw IHateMoneyFile.ambiguousNames(place) }
      var members: [Int] = []
      for name in names {
        if indices[name] == nil, !hasList { addMember(name, .one, isActive: true) }
        guard let index = indices[name] else { throw Self.unknown(name, place) }
        members.append(index)
      }
      guard Set(members).count == members.count else {
        throw .unreadable(place, "twice", "A member takes part twice.")
      }
      return members
    }

    /// Returns the books with the weights of the members and the notices.
    func finished() -> ImportedBooks {
      var books = books
      for (index, weight) in (Number.whole(weights) ?? []).enumerated() {
        books.members[index].weight = weight
      }
      for fact in Fact.allCases {
        guard let list = facts[fact] else { continue }
        books.notices.append("\(fact.rawValue): \(list.count) (\(IHateMoneyFile.listed(list))).")
      }
      return books
    }
  }
}
