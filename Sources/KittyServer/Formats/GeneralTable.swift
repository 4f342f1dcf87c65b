import KittyShared

/// A table of a spreadsheet: a line for each expense or payment. The columns are told by their titles in
/// six languages, or by the request; those for the date, the amount and the payer are needed.
///
/// A cell with several members joins them by `;`, `,`, `+` or ` & `; a comma between two digits is part of
/// a number. Behind a participant there may be a weight, as in `Ann:2`, or the amount of their share, as in
/// `Ann=3.50`; behind each of several payers there must be an amount. Without participants, all members of
/// the file share an expense, and so they do with a word for all, such as `all` or `alle`.
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
    let columns = try Columns(table, options.columns)
    let (date, amount) = try (table.needed(columns[.date], "date"), table.needed(columns[.amount], "amount"))
    let payer = try table.needed(columns[.payer], "payer")
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
    var names = MemberNames()
    var search = NumberReading.Search()
    for row in rows {
      let line = words.read(try line(row))
      let items = line.payers + line.participants
      for item in items { _ = names.position(of: item.name) }
      for number in [line.amount] + items.compactMap(\.amount) { try search.add(number, at: line.place) }
    }
    let numbers = try search.reading(wanted: options.decimalMark)
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
      readings: table.readings(numbers, dates)
        + (words.first.map { ["participants: \"\($0.cut(to: 40))\" means all members of the file"] } ?? []))
  }

  /// The words in place of participants that mean all members, unless a payer has such a name.
  private struct WordsForAll {
    private var payers: Set<String> = []
    private var found: [String] = []

    private static let words = Set(
      ["all", "alle", "tous", "todos", "tutti", "iedereen"].map(\.nameKey))

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
        item.amount == nil, words.contains(item.name.nameKey)
      else { return nil }
      return item.name
    }
  }

  /// The columns by their roles.
  private struct Columns {
    private var positions: [TableColumn: Int] = [:]

    init(_ table: TitledTable, _ wanted: [TableColumn: String]) throws(Rejection) {
      for (column, title) in wanted.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        positions[column] = try table.needed(title)
      }
      let taken = Set(positions.values)
      for column in TableColumn.allCases where positions[column] == nil {
        for title in titlesByColumn[column] ?? [] {
          guard let position = try table.position(title), !taken.contains(position) else { continue }
          positions[column] = position
          break
        }
      }
    }

    subscript(column: TableColumn) -> Int? { positions[column] }
  }

  /// A member in a cell, with the text of the weight or of the amount behind the name.
  private struct Item {
    let name: String
    var weight: Int64?
    var amount: String?

    init(_ text: String, _ place: ImportPlace) throws(Rejection) {
      let scalars = text.unicodeScalars
      if let mark = scalars.lastIndex(of: "=") {
        name = String(scalars[..<mark]).trimmed
        amount = String(scalars[scalars.index(after: mark)...]).trimmed
      } else if let mark = scalars.lastIndex(of: ":") {
        name = String(scalars[..<mark]).trimmed
        let digits = String(scalars[scalars.index(after: mark)...]).trimmed
        guard let number = Int64(digits), (0...1_000_000).contains(number) else {
          throw .unreadable(
            place, "not_a_number",
            "\"\(text.cut(to: 40))\" has a weight that is not a whole number from 0 to 1,000,000.")
        }
        weight = number
      } else {
        name = text
      }
      guard !name.isEmpty else {
        throw .unreadable(place, "missing", "\"\(text.cut(to: 40))\" has no name of a member.")
      }
    }

    /// Reads the members in a cell.
    /// - Throws: `Rejection` when one has no name, or is named twice.
    static func list(_ cell: String, _ place: ImportPlace) throws(Rejection) -> [Item] {
      var (items, names): ([Item], Set<String>) = ([], [])
      for piece in pieces(of: cell) {
        let item = try Item(piece, place)
        guard names.insert(item.name).inserted else {
          throw .unreadable(place, "twice", "\"\(item.name.cut(to: 40))\" is named twice in one cell.")
        }
        items.append(item)
      }
      return items
    }

    private static func pieces(of cell: String) -> [String] {
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
      let split = try split(line, amount, currency)
      guard amount != 0 else { return books.leaveOut(line.place, line.description, "Its amount is 0.") }
      if paymentWords.contains(kind) {
        guard payers.count == 1, line.participants.count == 1 else {
          throw .unreadable(line.place, "payment_members", "A payment has one payer and one participant.")
        }
        let receiver = names.position(of: line.participants[0].name)
        guard entry.makePayment(from: payers[0].member, to: receiver) else {
          return books.leaveOut(
            line.place, line.description, "The payer and the participant are the same member.")
        }
      } else {
        if !kind.isEmpty, !incomeWords.contains(kind), !expenseWords.contains(kind) {
          (unknownKinds, unknownKind) = (unknownKinds + 1, unknownKind ?? line.kind)
        }
        entry.kind = .expense(payers: payers, split: split)
        entry.category = line.category.isEmpty ? nil : line.category
      }
      books.entries.append(entry)
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
      _ line: Line, _ amount: Int64, _ currency: Currency
    ) throws(Rejection) -> ImportedEntry.Split {
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

  /// The titles of columns in English, German, French, Spanish, Italian and Dutch, the surest first.
  private static let titlesByColumn: [TableColumn: [String]] = [
    .date: [
      "date", "datum", "fecha", "data", "day", "tag", "jour", "día", "giorno", "dag", "date & time", "when",
    ],
    .description: [
      "description", "beschreibung", "descripción", "descrizione", "omschrijving", "title", "titel", "titre",
      "título", "titolo", "bezeichnung", "verwendungszweck", "zweck", "purpose", "libellé", "intitulé",
      "objet",
      "concepto", "causale", "beschrijving", "item", "subject", "what", "was", "text",
    ],
    .amount: [
      "amount", "betrag", "montant", "importe", "importo", "bedrag", "cost", "kosten", "coût", "coste",
      "costo",
      "price", "preis", "prix", "precio", "prezzo", "prijs", "sum", "summe", "somme", "somma", "monto",
      "total",
      "gesamt", "totale", "totaal",
    ],
    .currency: ["currency", "währung", "devise", "monnaie", "moneda", "divisa", "valuta", "munt"],
    .payer: [
      "payer", "paid by", "who paid", "zahler", "bezahlt von", "gezahlt von", "wer hat bezahlt", "payeur",
      "payé par",
      "qui a payé", "pagador", "pagado por", "quién pagó", "pagante", "pagato da", "chi ha pagato", "betaler",
      "betaald door", "wie heeft betaald", "payers",
    ],
    .participants: [
      "participants", "teilnehmer", "beteiligte", "participantes", "partecipanti", "deelnemers", "for whom",
      "paid for", "shared by", "split between", "für wen", "pour qui", "para quién", "per chi", "voor wie",
      "for",
      "für", "pour", "para", "per", "voor",
    ],
    .category: ["category", "kategorie", "catégorie", "categoría", "categoria", "categorie"],
    .note: [
      "note", "notes", "notiz", "notizen", "nota", "notas", "notitie", "comment", "comments", "kommentar",
      "commentaire",
      "comentario", "commento", "bemerkung", "anmerkung", "remarque", "opmerking",
    ],
    .kind: ["kind", "type", "typ", "art", "tipo", "soort"],
  ].mapValues { $0.map(\.nameKey) }

  private static let paymentWords = Set(
    [
      "payment", "transfer", "settlement", "reimbursement", "repayment", "settle up", "zahlung",
      "überweisung",
      "ausgleich", "rückzahlung", "paiement", "virement", "remboursement", "règlement", "pago",
      "transferencia",
      "liquidación", "reembolso", "pagamento", "trasferimento", "bonifico", "rimborso", "betaling",
      "overschrijving",
      "terugbetaling", "verrekening",
    ].map(\.nameKey))

  private static let incomeWords = Set(
    [
      "income", "refund", "einnahme", "erstattung", "revenu", "recette", "ingreso", "entrata", "inkomst",
      "inkomsten",
    ].map(\.nameKey))

  private static let expenseWords = Set(
    ["expense", "ausgabe", "dépense", "gasto", "spesa", "uitgave", "purchase", "kauf"].map(\.nameKey))
}
