import KittyShared

extension GeneralTable {
  /// The columns of a table by their roles, and those without one.
  struct Columns {
    private var positions: [TableColumn: Int] = [:]
    /// The columns that the request leaves out.
    private var ignored: Set<Int>
    /// The columns without a role.
    private(set) var others: [Int] = []
    /// The number of lines with a text in a column without a role, and of those with numbers alone.
    private var counts: [Int: (texts: Int, numbers: Int)] = [:]
    /// The columns at the end with what each line does to the balance of the member in the title.
    private(set) var nets: [Int] = []

    /// - Throws: `Rejection` when a column that the request names is not there, and when several could have a role that matters
    ///   for balances.
    init(_ table: TitledTable, _ wanted: [TableColumn: String]) throws(Rejection) {
      ignored = try Self.ignored(wanted[.ignore] ?? "", table)
      for (column, title) in wanted.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where column != .ignore
      {
        positions[column] = try table.needed(title)
      }
      let taken = ignored.union(positions.values)
      for column in TableColumn.allCases {
        let known = (titlesByColumn[column] ?? []).flatMap { table.positions(of: $0) }
        var found = known.filter { !taken.contains($0) }
        // "Day" may be the day of the week.
        if column == .date, found.count > 1 {
          let days = found.filter { place in table.rows.prefix(20).contains { DateReading.isDay($0[place]) } }
          if !days.isEmpty { found = days }
        }
        guard positions[column] == nil else {
          // The request has chosen.
          ignored.formUnion(found)
          continue
        }
        if found.count > 1, !column.isText { throw Self.ambiguous(column, found, table) }
        positions[column] = found.first
      }
      let read = ignored.union(positions.values)
      others = table.titles.indices.filter { !read.contains($0) }
    }

    subscript(column: TableColumn) -> Int? { positions[column] }

    /// Returns the columns that a request leaves out: those of one title, or of several with semicolons between them. `#3` is the third
    /// column, which may have no title.
    private static func ignored(_ text: String, _ table: TitledTable) throws(Rejection) -> Set<Int> {
      // A column without a title has no name by which it could be meant.
      guard !text.trimmed.isEmpty else { return [] }
      // A title may have a semicolon.
      let columns = table.positions(of: text)
      guard columns.isEmpty else { return Set(columns) }
      var found: Set<Int> = []
      for title in text.unicodeScalars.split(separator: ";").map({ String($0).trimmed }) where !title.isEmpty
      {
        let columns = table.columns(named: title)
        // It says which titles there are.
        if columns.isEmpty { _ = try table.needed(title) }
        found.formUnion(columns)
      }
      return found
    }

    private static func ambiguous(
      _ column: TableColumn, _ found: [Int], _ table: TitledTable
    ) -> Rejection {
      let titles = found.sorted().map { "\"\(table.titles[$0].cut(to: 40))\"" }
      let isSame = Set(found.map { table.titles[$0].nameKey }).count == 1
      return .unreadable(
        table.place, isSame ? "twice" : "ambiguous",
        "\(titles.joined(separator: " and ")) could each be the column of the \(column.rawValue). \(isSame ? "Change one of the titles, or choose one by its number with columns=" : "Choose one with columns=").",
        columns: table.names(of: found.sorted()))
    }

    // MARK: Columns without a role

    /// Finds the columns at the end with what each line does to balances: numbers alone, in a table without participants whose
    /// payers are all among the titles.
    mutating func findNets(_ table: TitledTable, _ rows: ImportedTable.Rows, payers: Set<String>) {
      countNumbers(in: rows)
      guard positions[.participants] == nil, others.last == table.titles.count - 1 else { return }
      var first = table.titles.count
      for column in others.reversed() {
        // A member who takes part in nothing has no number.
        let count = counts[column] ?? (texts: 0, numbers: 0)
        guard column == first - 1, !table.titles[column].isEmpty, count.numbers == count.texts else { break }
        first = column
      }
      let found = Array(first..<table.titles.count)
      let keys = Set(found.map { table.titles[$0].nameKey })
      guard found.count > 1, keys.count == found.count, payers.isSubset(of: keys) else { return }
      nets = found
      others.removeAll { $0 >= first }
    }

    /// Gives the columns at the end no role.
    mutating func dropNets() {
      others += nets
      nets = []
    }

    /// Checks that no column without a role can say who owes what: by numbers, by members in its cells, or by one in its title.
    /// - Throws: `Rejection` that names the columns.
    func requireRead(
      _ table: TitledTable, _ rows: ImportedTable.Rows, _ names: MemberNames
    ) throws(Rejection) {
      let search = NameSearch(names.names)
      var named: [Int: Int] = [:]
      for row in rows {
        for column in others where !row[column].isEmpty && search.isMember(inCell: row[column]) {
          named[column, default: 0] += 1
        }
      }
      let suspect = others.filter { column in
        guard let count = counts[column] else { return false }
        let isHarmless = Self.harmless.contains(table.titles[column].nameKey)
        return !isHarmless && (count.numbers + (named[column] ?? 0)) * 2 > count.texts
          || search.isMember(inTitle: table.titles[column].nameKey)
      }
      guard !suspect.isEmpty else { return }
      let titles = suspect.map {
        table.titles[$0].isEmpty
          ? "column \($0 + 1), which has no title (#\($0 + 1))" : "\"\(table.titles[$0].cut(to: 40))\""
      }
      throw .unreadable(
        table.place, "unknown_column",
        "It is not known what these columns do to balances: \(titles.prefix(20).joined(separator: ", ")). Give each a role with columns=; those with the role ignore, with semicolons between their titles, are not read.",
        columns: table.names(of: suspect))
    }

    /// The titles of numbers and members that do nothing to balances.
    private static let harmless = Set(
      [
        "id", "no", "no.", "nr", "nr.", "#", "number", "nummer", "row", "line", "zeile", "year", "jahr",
        "année",
        "año", "anno", "jaar", "month", "monat", "mois", "mes", "mese", "maand", "week", "woche", "semaine",
        "phone", "telefon", "created by", "createdby", "added by", "addedby", "entered by", "updated by",
        "author",
        "erstellt von", "hinzugefügt von", "créé par", "ajouté par", "creado por", "creato da",
        "aangemaakt door",
      ].map(\.nameKey))

    private mutating func countNumbers(in rows: ImportedTable.Rows) {
      guard !others.isEmpty else { return }
      for row in rows {
        for column in others where !row[column].isEmpty {
          counts[column, default: (0, 0)].texts += 1
          if Self.isNumeric(row[column]) { counts[column]?.numbers += 1 }
        }
      }
    }

    /// Returns `true` for one number or several, such as `20,10` or `5 EUR; 50 %`; a day is none.
    private static func isNumeric(_ text: String) -> Bool {
      guard !DateReading.isDay(text) else { return false }
      let words = text.unicodeScalars.split {
        $0.properties.isWhitespace || $0 == ";" || $0 == "|" || $0 == "&"
      }
      let numbers = words.filter {
        Currency(code: String($0)) == nil && !$0.elementsEqual("%".unicodeScalars)
      }
      return !numbers.isEmpty
        && numbers.allSatisfy { word in
          word.contains(where: \.isDigit)
            && word.dropFirst().allSatisfy { $0 != "-" }
            && word.allSatisfy { scalar in
              scalar.isDigit || ".,'’+-\u{2212}%()=".unicodeScalars.contains(scalar)
                || scalar.properties.generalCategory == .currencySymbol
            }
        }
    }

    /// Returns the roles in words, and the columns that are not read.
    func readings(_ titles: [String]) -> [String] {
      func listed(_ columns: some Sequence<Int>) -> String {
        let named = columns.sorted().filter { !titles[$0].isEmpty }
        let more = named.count > 20 ? " and \(named.count - 20) more" : ""
        return named.prefix(20).map { "\"\(titles[$0].cut(to: 40))\"" }.joined(separator: ", ") + more
      }
      let roles = TableColumn.allCases.compactMap { column in
        positions[column].map { "\(column.rawValue) \"\(titles[$0].cut(to: 40))\"" }
      }
      let unread = listed(ignored.union(others))
      return ["columns: \(roles.joined(separator: ", "))"]
        + (nets.isEmpty ? [] : ["changes of balances: \(listed(nets))"])
        + (unread.isEmpty ? [] : ["not read: \(unread)"])
    }
  }
}

extension TableColumn {
  /// `true` for a column that says nothing about balances.
  fileprivate var isText: Bool { [.description, .category, .note].contains(self) }
}
