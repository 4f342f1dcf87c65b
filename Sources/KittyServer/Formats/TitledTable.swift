import KittyShared

/// A table with the titles of its columns in the first line, and a field for each of them in every other
/// line.
struct TitledTable: Sendable {
  /// The lines with text below the titles.
  let rows: ImportedTable.Rows
  /// The titles, in order.
  let titles: [String]
  private let table: ImportedTable
  /// The place of the titles.
  let place: ImportPlace
  /// The columns with a title, by the key of the title.
  private let positions: [String: [Int]]

  /// - Throws: `Rejection` for a table without titles, and for a line with more or fewer fields than
  ///   titles: its fields would be taken for those of other columns.
  init(_ text: String) throws(Rejection) {
    table = try ImportedTable(text)
    let lines = table.rows.withText
    guard let first = lines.first else {
      throw .unreadable(.file, "empty", "The file has no line with text.")
    }
    var titles = first.fields.map(\.trimmed)
    while titles.last?.isEmpty == true { titles.removeLast() }
    (self.titles, place, rows) = (titles, first.place, lines.dropFirst())
    var positions: [String: [Int]] = [:]
    for (column, title) in titles.enumerated() { positions[title.nameKey, default: []].append(column) }
    self.positions = positions
    for row in rows { try table.check(row, titles: titles.count) }
  }

  /// Returns the columns with a title, in any case.
  func positions(of title: String) -> [Int] { positions[title.nameKey] ?? [] }

  /// Returns the columns that a request means: those with a title, or else that of a number, as in `#3`.
  func columns(named name: String) -> [Int] {
    let columns = positions(of: name)
    guard columns.isEmpty, name.hasPrefix("#"), let number = Int(name.dropFirst()),
      (1...max(1, titles.count)).contains(number), !titles.isEmpty
    else { return columns }
    return [number - 1]
  }

  /// Returns the name by which a request can mean a column alone: its title, or its number where that does not do.
  func name(of column: Int) -> String {
    let title = titles[column]
    let isPlain = title.unicodeScalars.allSatisfy { $0 != ";" && $0.properties.generalCategory != .control }
    return isPlain && !title.isEmpty && title.unicodeScalars.first != "#"
      && title.unicodeScalars.count <= Self.longestName && positions(of: title) == [column]
      ? title : "#\(column + 1)"
  }

  /// The longest title by which a column is named, in characters.
  private static let longestName = 100
  /// The most columns that a refusal names.
  private static let mostNamed = 50

  /// Returns the names of columns for a refusal.
  func names(of columns: [Int]) -> [String] { columns.prefix(Self.mostNamed).map { name(of: $0) } }

  /// Returns the column with a title, in any case; `nil` without one.
  /// - Throws: `Rejection` when several columns have it.
  func position(_ title: String) throws(Rejection) -> Int? {
    guard let found = positions[title.nameKey] else { return nil }
    guard found.count == 1 else {
      throw .unreadable(place, "twice", "Several columns have the title \"\(title.cut(to: 40))\".")
    }
    return found.first
  }

  /// Returns the column with a title, or else that of a number.
  /// - Throws: `Rejection` when none or several have it.
  func needed(_ title: String) throws(Rejection) -> Int {
    guard let position = try position(title) ?? columns(named: title).first else {
      throw .unreadable(
        place, "column_missing",
        "The file has no column \"\(title.cut(to: 40))\". It has \(listed). Export it again.")
    }
    return position
  }

  /// Returns the column that was found for a role.
  /// - Parameter others: The columns without a role.
  /// - Throws: `Rejection` when none was.
  func needed(_ column: Int?, _ role: TableColumn, among others: [Int]) throws(Rejection) -> Int {
    guard let column else {
      throw .unreadable(
        place, "column_missing",
        "The file has no column that is known as the \(role.rawValue). It has \(listed). Name it with columns=.",
        columns: names(of: others))
    }
    return column
  }

  /// The titles in a sentence.
  private var listed: String {
    titles.filter { !$0.isEmpty }.prefix(20).map { "\"\($0.cut(to: 40))\"" }.joined(separator: ", ")
  }

  /// Returns the readings in words.
  func readings(_ numbers: NumberReading, _ dates: DateReading) -> [String] {
    ["separator: \(table.separatorName)", "decimal mark: \(numbers.mark.text)", "days: \(dates.order.text)"]
  }
}

/// The names of members, in the order in which a file has them.
struct MemberNames: Sendable {
  private(set) var names: [String] = []
  private var positions: [String: Int] = [:]

  /// The positions of all.
  var all: [Int] { Array(names.indices) }

  /// Returns the position of a name, which is added when it is new.
  mutating func position(of name: String) -> Int {
    if let position = positions[name] { return position }
    // The same name in other letters is the same member.
    let key = name.nameKey
    let position = positions[key] ?? names.count
    if position == names.count { names.append(name) }
    positions[name] = position
    positions[key] = position
    return position
  }

  /// Returns the position of a name of the file.
  /// - Throws: `Rejection` for another name.
  func known(_ name: String, _ place: ImportPlace) throws(Rejection) -> Int {
    guard let position = positions[name] else {
      throw .unreadable(place, "unknown_member", "\"\(name.cut(to: 40))\" has no column in the file.")
    }
    return position
  }
}

extension Currency {
  /// Returns the currency of a line, or that of the request when the line has none.
  static func ofLine(_ code: String, _ options: ImportOptions, _ place: ImportPlace) throws(Rejection)
    -> Currency
  {
    guard !code.isEmpty else {
      guard let currency = options.currency(called: "") else {
        throw .unreadable(place, "currency_missing", "The amount has no currency. Send currency=EUR.")
      }
      return currency
    }
    return try Currency(read: code, "\(place)")
  }
}

extension Rejection {
  static func notTheTotal(_ total: Amount, _ role: String, _ place: ImportPlace) -> Rejection {
    .unreadable(place, "not_the_total", "The amounts of the \(role) do not add up to \(total).")
  }
}

extension [ImportedEntry.Part] {
  /// Returns the sum.
  /// - Throws: `Rejection` for one beyond `Amount.limit`.
  func total(_ currency: Currency, _ place: ImportPlace) throws(Rejection) -> Int64 {
    let sum = reduce(Int128(0)) { $0 + Int128($1.amount) }
    guard sum.magnitude <= UInt128(Amount.limit), let total = Int64(exactly: sum) else {
      throw .unreadable(
        place, "too_large", "The amounts add up to more than \(Amount(Amount.limit, currency)).")
    }
    return total
  }

  /// - Throws: `Rejection` when the parts do not add up to a total, or when one has another sign than it.
  func requireTotal(_ total: Amount, _ place: ImportPlace, _ role: String) throws(Rejection) {
    guard try self.total(total.currency, place) == total.minorUnits else {
      throw .notTheTotal(total, role, place)
    }
    guard allSatisfy({ $0.amount == 0 || ($0.amount < 0) == (total.minorUnits < 0) }) else {
      throw .unreadable(
        place, "wrong_sign", "An amount of the \(role) has another sign than the total of \(total).")
    }
  }

  /// Returns parts of another total in the same proportion; the odd units go to the first. The parts have
  /// one sign.
  func proportional(to total: Int64) -> [ImportedEntry.Part] {
    let sum = reduce(Int128(0)) { $0 + Int128($1.amount) }
    guard sum != 0 else { return self }
    var parts = map {
      ImportedEntry.Part(member: $0.member, amount: Int64(clamping: Int128(total) * Int128($0.amount) / sum))
    }
    var left = Int128(total) - parts.reduce(Int128(0)) { $0 + Int128($1.amount) }
    for index in parts.indices where left != 0 {
      parts[index].amount += Int64(left.signum())
      left -= left.signum()
    }
    return parts
  }

  /// The division into these parts: equal ones as such.
  var asSplit: ImportedEntry.Split {
    allSatisfy { $0.amount == first?.amount } ? .equally(map(\.member)) : .exact(self)
  }
}

extension NumberReading {
  /// Reads an amount that another program computed: decimals beyond the minor unit are rounded, half away
  /// from zero.
  func roundedAmount(_ text: String, _ currency: Currency) throws(Failure) -> Int64 {
    let number = try decimal(text)
    let padded = number.fraction + String(repeating: "0", count: currency.decimals)
    guard let units = Int64(number.whole + padded.prefix(currency.decimals)), units < Amount.limit else {
      throw Failure(code: "too_large", reason: "\"\(text.cut(to: 40))\" is too large.")
    }
    let isUp = number.fraction.dropFirst(currency.decimals).first.map { $0 >= "5" } ?? false
    let rounded = units + (isUp ? 1 : 0)
    return number.isNegative ? -rounded : rounded
  }

  /// Reads a rate, without the decimals that it cannot hold; `nil` for what is none.
  func rate(_ text: String) -> Rate? {
    guard let number = try? decimal(text), !number.isNegative else { return nil }
    let whole = String(number.whole.drop { $0 == "0" })
    guard whole.count <= 12 else { return nil }
    var fraction = number.fraction.prefix(12 - max(whole.count, 1))
    while fraction.last == "0" { fraction.removeLast() }
    return Rate((whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : ".\(fraction)"))
  }

  func isOne(_ text: String) -> Bool { rate(text)?.text == "1" }

  /// Returns `true` when a rate, or its reciprocal, maps one amount to the other, as far as both amounts and the rate are rounded;
  /// also without a rate.
  func fits(_ paid: Amount, _ text: String, _ worth: Amount) -> Bool {
    guard let rate = rate(text), let value = Double(rate.text), value > 0 else { return true }
    let decimals = rate.text.divided(by: ".").1?.utf8.count ?? 0
    // Of a rate with few digits, no more than one percent is taken for rounding.
    let inexact = min(0.5 * (0..<decimals).reduce(1.0) { step, _ in step / 10 } / value, 0.01)
    func fits(_ from: Amount, _ factor: Double, _ to: Amount) -> Bool {
      let ratio = factor * Double(to.currency.unit) / Double(from.currency.unit)
      let expected = abs(Double(from.minorUnits)) * ratio
      return abs(abs(Double(to.minorUnits)) - expected) <= 0.51 + 0.5 * ratio + inexact * expected
    }
    return fits(paid, value, worth) || fits(paid, 1 / value, worth)
  }
}

extension ImportedEntry {
  /// Turns the entry into a payment; below zero it went the other way.
  /// - Returns: `false` for a payment of a member to themselves.
  mutating func makePayment(from: Int, to: Int) -> Bool {
    guard from != to else { return false }
    let isBack = amount.minorUnits < 0
    kind = .payment(from: isBack ? to : from, to: isBack ? from : to)
    amount = Amount(abs(amount.minorUnits), amount.currency)
    category = nil
    // A payment has one amount here: that in the other currency is for people to read.
    if let original {
      addNote(Amount(abs(original.amount.minorUnits), original.amount.currency), original.rate.text)
    }
    original = nil
    return true
  }

  /// Adds the amount as it was paid; a line of the note when the rate does not map it to the amount of the
  /// entry.
  mutating func addOriginal(_ paid: Amount, rate text: String, _ numbers: NumberReading, split: Split?) {
    if let rate = numbers.rate(text), (try? rate.worth(of: paid, in: amount.currency)) == amount {
      original = Original(amount: paid, rate: rate, split: split)
    } else {
      addNote(paid, text)
    }
  }

  private mutating func addNote(_ paid: Amount, _ rate: String) {
    let line = "Paid: \(paid)" + (rate.isEmpty ? "" : ", rate \(rate.cut(to: 40))")
    note = [note, line].compactMap(\.self).joined(separator: "\n")
  }
}
