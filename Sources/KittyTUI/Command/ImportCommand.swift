import ArgumentParser
import FoundationEssentials
import KittyShared

/// `kittycash import`.
struct ImportCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import a file of another program, or an export of KittyCash.",
    discussion: """
      kittycash import splitwise.csv --dry-run
      kittycash import splitwise.csv --map 'Anna B.=me' --map Bob=Robert
      kittycash import table.csv --group flat --column date=Datum --column amount=Betrag
      kittycash export flat | kittycash import - --server https://other.example.org

      Files of Splitwise, Spliit, ihatemoney, Cospend, Tricount, Settle Up and SplitPro are recognized, and tables with \
      columns for the date, the amount and the payer: see docs/import.md. Without --group the file becomes a new group. \
      Into a group of yours, only the entries are added that it does not have. "kittycash imports GROUP --undo" \
      takes it back.

      --plain: id of the import or -, id of the group or -, expenses, payments, entries that were there already; for an \
      export of KittyCash id and name of the group.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(
    help: ArgumentHelp(
      "A group of yours, or a name for a new one. An export of KittyCash needs one without entries.",
      valueName: "group"),
    completion: GroupCompletion.kind)
  var group: String?
  @Flag(help: "Only tell what would be imported.") var dryRun = false
  @Option(
    help: ArgumentHelp(
      "A name in the file, and the member here, me, or the name of a new member. May be repeated.",
      valueName: "name=member"))
  var map: [String] = []
  @Option(
    help: ArgumentHelp(
      "A role (date, description, amount, currency, payer, participants, category, note, kind) and the title of its column. May be repeated.",
      valueName: "role=title"))
  var column: [String] = []
  @Option(help: "The program that wrote the file, if it is not recognized.") var format: ImportFormat?
  @Option(help: "The currency of amounts without one, and of a new group.") var currency: String?
  @Option(help: "The mark before the decimals: point or comma.") var decimal: String?
  @Option(help: "The order of day and month: dmy or mdy.") var dates: String?
  @Option(help: "The encoding: utf-8, utf-16le, utf-16be or windows-1252.") var encoding: String?
  @Flag(help: "Import the file although its balances here would differ from those that it shows.")
  var acceptDifferences = false
  @Argument(help: "The file, or - for standard input.") var file: String

  /// The size of a file from standard input, which is kept in memory.
  private static let maxBytes = 64 << 20

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    let (body, isExport) = try body(environment)
    guard isExport else { return try await importBooks(body, connection, environment) }
    guard !dryRun, map.isEmpty, column.isEmpty else {
      throw CommandFailure(
        .usage, "An export of KittyCash becomes a group as it was: leave --dry-run, --map and --column out.")
    }
    let (id, isNew) = try await target(connection)
    let key = ID(at: .now)
    let imported: Answer<ImportedGroup>
    do throws(CommandFailure) {
      imported = try await connection.ask(key: key) { (api) throws(ClientFailure) in
        try await api.importFile(into: id, body, key: key)
      }
    } catch {
      // The server refused the file: no empty group stays.
      if isNew, error.status == .refused { await remove(id, connection, environment) }
      throw error
    }
    var report = Report(json: imported.bytes)
    let (made, renamed) = (imported.value.group, imported.value.renamed ?? [])
    report.fields = [["\(made.id)", "\(made.name)"]]
    let names = renamed.map { "\($0.from) is \($0.to) now." }.joined(separator: " ")
    report.note = "Imported \(made.name). \(names)"
    try output.write(report, environment)
  }

  private func body(
    _ environment: CommandEnvironment
  ) throws(CommandFailure) -> (body: UploadBody, isExport: Bool) {
    guard file == "-" else {
      try environment.requireFiles()
      do {
        let found = try ImportFile(path: file, home: environment.variables["HOME"] ?? "/")
        return (.file(found.path), found.isExport)
      } catch {
        throw CommandFailure(.failed, "\(error)")
      }
    }
    let bytes = try environment.readAll(Self.maxBytes)
    guard bytes.count <= Self.maxBytes else {
      throw CommandFailure(.failed, "The file is above \(Self.maxBytes >> 20) MiB.")
    }
    guard !bytes.isEmpty else { throw CommandFailure(.usage, "Standard input has no file.") }
    return (.bytes(bytes), ImportFile.isExport(bytes))
  }

  /// Finds the group, or makes a new one.
  private func target(_ connection: Connection) async throws(CommandFailure) -> (ID, isNew: Bool) {
    if let group {
      do throws(CommandFailure) { return (try await connection.group(group), false) } catch {
        guard error.status == .notFound else { throw error }
      }
    }
    return (try await make(group ?? "Import", currency, connection), true)
  }

  private func make(_ name: String, _ code: String?, _ connection: Connection) async throws(CommandFailure)
    -> ID
  {
    let new = NewGroup(id: ID(at: .now), name: name, currency: Currency(code: code ?? "EUR"))
    let made: Group = try await connection.ask { (api) throws(ClientFailure) in
      try await api.create(Endpoints.createGroup, [], new)
    }
    return made.id
  }

  /// Removes the group that was made for a file that was not imported.
  private func remove(_ group: ID, _ connection: Connection, _ environment: CommandEnvironment) async {
    do throws(CommandFailure) {
      try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(Endpoints.deleteGroup, [group])
      }
    } catch {
      environment.printMessage("An empty group was created: remove it. \(SafeText(error.message))")
    }
  }
}

extension ImportFormat: ExpressibleByArgument {}

// MARK: - Files of other programs

extension ImportCommand {
  private func importBooks(
    _ body: UploadBody, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) {
    if let currency, Currency(code: currency) == nil {
      throw CommandFailure(
        .usage, "\"\(SafeText(currency))\" is not a currency. Write its code, such as EUR.")
    }
    let query = try query()
    var (id, isNew) = try await target(connection)
    let answer: Answer<ImportReport>
    do throws(CommandFailure) {
      if isNew {
        // A preview tells the currency and the name of the new group.
        let tried = try await send(body, into: id, query + [("dryRun", "true")], connection).value
        let code = tried.currencies.first?.code ?? "EUR"
        if currency == nil, code != "EUR" {
          await remove(id, connection, environment)
          id = try await make(group ?? "Import", code, connection)
        }
        if group == nil {
          let named = tried.name?.trimmed ?? ""
          try await rename(id, to: named.isEmpty ? name : named, connection)
        }
      }
      answer = try await send(body, into: id, query + (dryRun ? [("dryRun", "true")] : []), connection)
    } catch {
      if isNew, error.status != .uncertain { await remove(id, connection, environment) }
      throw error
    }
    if isNew, dryRun { await remove(id, connection, environment) }
    try output.write(report(answer, into: isNew && dryRun ? nil : id), environment)
  }

  private func send(
    _ body: UploadBody, into group: ID, _ query: [(String, String)], _ connection: Connection
  ) async throws(CommandFailure) -> Answer<ImportReport> {
    try await connection.ask { (api) throws(ClientFailure) in
      try await api.importFile(of: body, into: group, query: query)
    }
  }

  /// The name of a group for a file without one: that of the file.
  private var name: String {
    let last = file.split(separator: "/").last.map(String.init) ?? "Import"
    let stem = last.split(separator: ".").first.map(String.init) ?? last
    return file == "-" || stem.isEmpty ? "Import" : stem
  }

  private func rename(_ group: ID, to name: String, _ connection: Connection) async throws(CommandFailure) {
    let change = GroupChange(name: name.cut(to: 64))
    let _: Group = try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.changeGroup, [group], body: change, ifMatch: 1)
    }
  }

  private func query() throws(CommandFailure) -> [(String, String)] {
    var query: [(String, String)] = []
    for (name, pairs) in [("map", map), ("columns", column)] where !pairs.isEmpty {
      var object: [String: String] = [:]
      for pair in pairs {
        let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
          throw CommandFailure(.usage, "\"\(SafeText(pair))\" has no equals sign. Write it like Bob=Robert.")
        }
        object[parts[0].trimmed] = parts[1].trimmed
      }
      do { query.append((name, try JSON.text(of: object))) } catch {
        throw CommandFailure(.failed, "The request cannot be written: \(error)")
      }
    }
    let values: [(String, String?)] = [
      ("format", format?.rawValue), ("currency", currency), ("decimal", decimal), ("dates", dates),
      ("encoding", encoding), ("differences", acceptDifferences ? "accept" : nil),
    ]
    return query + values.compactMap { name, value in value.map { (name, $0) } }
  }

  private func report(_ answer: Answer<ImportReport>, into group: ID?) -> Report {
    let found = answer.value
    var report = Report(json: answer.bytes)
    report.fields = [
      [
        found.id.map { "\($0)" } ?? "-", group.map { "\($0)" } ?? "-", "\(found.expenses)",
        "\(found.payments)",
        "\(found.duplicates)",
      ]
    ]
    report.tables = [Self.members(of: found), Self.balances(of: found), Self.leftOut(of: found)].filter {
      !$0.rows.isEmpty
    }
    report.note = Self.sentences(of: found, isDryRun: dryRun).map { SafeText($0) }.joined("\n")
    return report
  }

  private static func members(of report: ImportReport) -> Table {
    Table(
      columns: [.init("In the file"), .init("Here"), .init("")],
      rows: report.members.map {
        [.init(SafeText($0.name)), .init(SafeText($0.here)), $0.isNew ? "new" : ""]
      })
  }

  private static func balances(of report: ImportReport) -> Table {
    Table(
      columns: [
        .init("Balance of"), .init("In the file", isNumber: true), .init("Here", isNumber: true), .init(""),
      ],
      rows: report.balances.map { row in
        let (there, here) = (Amount(row.there, row.currency), Amount(row.here, row.currency))
        return [
          .init(SafeText(row.name)), .init("\(there)"), .init("\(here)"),
          row.there == row.here ? "" : report.differs ? .init("differs", .minus) : "rounded",
        ]
      })
  }

  private static func leftOut(of report: ImportReport) -> Table {
    Table(
      columns: [.init("Left out"), .init("What"), .init("Reason")],
      rows: report.leftOut.map {
        [.init(SafeText($0.place)), .init(SafeText($0.text)), .init(SafeText($0.reason))]
      })
  }

  /// Returns sentences about an import.
  static func sentences(of report: ImportReport, isDryRun: Bool) -> [String] {
    func count(_ number: Int, _ one: String, _ many: String) -> String {
      "\(number) \(number == 1 ? one : many)"
    }
    let what =
      "\(count(report.expenses, "expense", "expenses")) and \(count(report.payments, "payment", "payments"))"
    var lines = ["Read as \(report.format.program): \(report.readings.joined(separator: ", "))."]
    if let from = report.from, let to = report.to { lines.append("The entries are from \(from) to \(to).") }
    if !report.newCategories.isEmpty {
      lines.append("New categories: \(report.newCategories.joined(separator: ", ")).")
    }
    lines += report.notices
    if report.duplicates > 0 {
      lines.append("\(count(report.duplicates, "entry is", "entries are")) in the group already.")
    }
    lines.append(isDryRun ? "Would import \(what)." : "Imported \(what).")
    return lines
  }
}
