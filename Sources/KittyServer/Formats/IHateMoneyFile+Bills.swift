import FoundationEssentials
import KittyShared

extension IHateMoneyFile {
  /// A bill before its amount and its members are looked at.
  struct Bill {
    let place: ImportPlace
    let what: String
    let type: String?
    let amount: Number
    let currency: String?
    let day: Day
    let payer: String
    let weight: Number
    let owers: [String]

    /// Returns the place of a field: a line for a table, a path for JSON.
    func field(_ name: String) -> String { IHateMoneyFile.field(name, of: place) }
  }

  private static func field(_ name: String, of place: ImportPlace) -> String {
    if case .element(_, let index) = place { "\(index).\(name)" } else { "\(place)" }
  }

  /// A bill in JSON.
  private struct Record: Decodable {
    let what: String
    let billType: String?
    let amount: Double
    let currency: String?
    let date: String
    let payerName: String
    let payerWeight: Double
    let owers: [String]

    enum CodingKeys: String, CodingKey {
      case what, amount, currency, date, owers
      case billType = "bill_type"
      case payerName = "payer_name"
      case payerWeight = "payer_weight"
    }
  }

  /// The bills of a file, which are read each time they are asked for.
  struct Bills {
    private let source: Source
    /// The readings in words, for the user.
    let readings: [String]

    private enum Source {
      case json(ImportedDocument.List)
      case table(Table)
    }

    private struct Table {
      let titles: CospendFile.Titles
      let lines: ImportedTable.Rows.SubSequence
      let dates: DateReading
      let names: CospendFile.JoinedNames
    }

    init(_ file: ImportedDocument, _ options: ImportOptions) async throws {
      guard !file.isJSON else {
        let list = try await file.list(nil)
        // The end of a list that is cut off is missing.
        _ = try list.rest(as: [Record].self)
        (source, readings) = (.json(list), [])
        return
      }
      let table = try ImportedTable(file.text)
      let rows = table.rows.withText
      let header = rows.first ?? ImportedTable.Row(line: 1, fields: [])
      let titles = try CospendFile.Titles(header, needed: columns)
      let lines = rows.dropFirst()
      for row in lines { try titles.check(row) }
      let dates = try DateReading(
        lines.lazy.map { (text: titles.text("date", $0), place: $0.place) }, wanted: options.dates)
      let names = CospendFile.JoinedNames(lines.map { plain(titles.text("payer_name", $0)) })
      source = .table(Table(titles: titles, lines: lines, dates: dates, names: names))
      readings = ["separator: \(table.separatorName)", "days: \(dates.order.text)"]
    }

    var count: Int {
      switch source {
      case .json(let list): list.count
      case .table(let table): table.lines.count
      }
    }

    /// Calls `body` with each bill, in order.
    /// - Throws: `Rejection` that names the place; the error of the system, or of `body`.
    func forEach(_ body: (Bill) throws -> Void) async throws {
      switch source {
      case .json(let list):
        try await list.forEach(Record.self) { try body(IHateMoneyFile.bill($1, at: $0)) }
      case .table(let table):
        for row in table.lines { try body(bill(row, of: table)) }
      }
    }

    private func bill(_ row: ImportedTable.Row, of table: Table) throws(Rejection) -> Bill {
      let titles = table.titles
      guard let owers = table.names.split(plain(titles.text("owers", row))) else {
        throw ambiguousNames(row.place)
      }
      return Bill(
        place: row.place, what: plain(titles.text("what", row)),
        type: titles.has("bill_type") ? titles.text("bill_type", row) : nil,
        amount: try number(titles.text("amount", row), "\(row.place)"),
        currency: titles.text("currency", row),
        day: try table.dates.day(titles.text("date", row), at: row.place),
        payer: plain(titles.text("payer_name", row)),
        weight: try number(titles.text("payer_weight", row), "\(row.place)"), owers: owers)
    }
  }

  private static func bill(_ record: Record, at index: Int) throws(Rejection) -> Bill {
    let place = ImportPlace.element(list: "", index)
    guard let day = Day(record.date) else {
      throw .invalid(
        field("date", of: place), "not_a_date",
        "\"\(record.date.cut(to: 40))\" is not a day, such as 2026-02-28.")
    }
    // The shortest text of a floating-point number is what Python wrote.
    return Bill(
      place: place, what: record.what, type: record.billType,
      amount: try number("\(record.amount)", field("amount", of: place)), currency: record.currency,
      day: day, payer: record.payerName.trimmed,
      weight: try number("\(record.payerWeight)", field("payer_weight", of: place)),
      owers: record.owers.map(\.trimmed))
  }

  /// Returns a text without the apostrophe that keeps a spreadsheet from taking it for a formula.
  private static func plain(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(2)
    guard start.count == 2, start.first == "'", let second = start.last,
      "=+-@".unicodeScalars.contains(second)
    else { return text }
    return String(text.unicodeScalars.dropFirst())
  }

  static func ambiguousNames(_ place: ImportPlace) -> Rejection {
    .unreadable(
      place, "ambiguous",
      "The names of those who take part can be read in two ways, because names have commas themselves, or one is missing. Rename these members, and export the file again."
    )
  }
}
