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
      kittycash import ~/books-2026

      Files of Splitwise, Spliit, ihatemoney, Cospend, Tricount, Settle Up and SplitPro are recognized, and tables with \
      columns for the date, the amount and the payer, and the journals of KittyCash: see docs/import.md. Without --group the file becomes a new group. \
      Into a group of yours, only the entries are added that it does not have. "kittycash imports GROUP --undo" \
      takes it back.

      The JSON of KittyCash becomes a new group as it was, with its history; into a group with entries, its entries are added. \
      With --map its current entries become a new group, or are added to one. \
      A folder of "kittycash export --all" becomes a new group for each of its groups, with the receipts. One that fails is \
      named, and the others go on; one that you imported before only gets the receipts that it lacks.

      --plain: id of the import or -, id of the group or -, expenses, payments, entries that were there already; for a \
      new group of the JSON of KittyCash id and name of the group, and for a folder also the number of receipts. A \
      preview of a folder has - in place of the id, and then the expenses and the payments.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(
    help: ArgumentHelp(
      "A group of yours.",
      valueName: "group"),
    completion: GroupCompletion.kind)
  var group: String?
  @Option(help: ArgumentHelp("The name of the new group, instead of that in the file.", valueName: "name"))
  var new: String?
  @Flag(help: "Make another copy of the groups of a folder that you imported before.") var again = false
  @Flag(help: "Only tell what would be imported.") var dryRun = false
  @Option(
    help: ArgumentHelp(
      "A name in the file, and the member here, me, or the name of a new member. Of several equals signs the last one counts. May be repeated.",
      valueName: "name=member"))
  var map: [String] = []
  @Option(
    help: ArgumentHelp(
      "A role (date, description, amount, currency, payer, participants, category, note, kind, ignore) and the title of its column. May be repeated.",
      valueName: "role=title"))
  var column: [String] = []
  @Option(help: "The program that wrote the file, if it is not recognized.") var format: ImportFormat?
  @Option(help: "The currency of amounts without one, and of a new group.") var currency: String?
  @Option(help: "The mark before the decimals: point or comma.") var decimal: String?
  @Option(help: "The order of day, month and year: dmy, mdy or ymd.") var dates: String?
  @Option(help: "The encoding: utf-8, utf-16le, utf-16be or windows-1252.") var encoding: String?
  @Flag(help: "Import the file although its balances here would differ from those that it shows.")
  var acceptDifferences = false
  @Flag(help: "Import entries although the group has others of the same day, text and amounts.")
  var keepTwins = false
  @Argument(help: "The file, a folder of \"kittycash export --all\", or - for standard input.") var file:
    String

  /// The most of standard input that is kept in memory.
  private static let maxBytes = 64 << 20

  func validate() throws {
    guard group == nil || new == nil else {
      throw ValidationError(
        "--group is a group of yours, and --new names one that is made: leave one of them out.")
    }
  }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn().patient(environment)
    if try isFolder(environment) { return try await importFolder(connection, environment) }
    guard !again else {
      throw CommandFailure(
        .usage, "--again is for folders: a file becomes a new group each time. Leave it out.")
    }
    let (body, isExport) = try body(environment)
    let known = try await knownGroup(connection)
    guard isExport else { return try await importBooks(body, into: known, connection, environment) }
    guard column.isEmpty else {
      throw CommandFailure(.usage, "An export of KittyCash has no columns to name: leave --column out.")
    }
    if dryRun, known == nil, map.isEmpty {
      return try output.write(
        Self.report(ofExport: try await previewExport(body, connection), named: new), environment)
    }
    if dryRun || !map.isEmpty { return try await importBooks(body, into: known, connection, environment) }
    let imported: Answer<ImportedGroup>
    do throws(CommandFailure) {
      imported = try await named(
        try await importExport(body, into: known, connection, environment), connection)
    } catch {
      // A group with entries gets those that it does not have. Only its owner can replace all of a group.
      guard known != nil, error.code == "not_empty" || error.code == "not_allowed" else { throw error }
      return try await importBooks(body, into: known, connection, environment)
    }
    var report = Report(json: imported.bytes)
    let made = imported.value.group
    report.fields = [["\(made.id)", "\(made.name)"]]
    report.note = SafeText("Imported \(made.name). \(Self.renamed(imported.value))".trimmed)
    try output.write(report, environment)
  }

  /// Imports an export of KittyCash as it was.
  /// - Parameter known: A group without entries; `nil` makes a new one.
  func importExport(
    _ body: UploadBody, into known: ID?, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) -> Answer<ImportedGroup> {
    let key = ID(at: .now)
    return try await connection.ask {
      (api) throws(ClientFailure) -> Answer<ImportedGroup> in
      if let known { return try await api.importFile(into: known, body, key: key) }
      let groups = GroupForFile(api: api, onLeftover: leftover(environment))
      let made = try await groups.make(newGroup)
      // The server refused the file: no empty group stays.
      return try await groups.removing(made.id, unless: { !$0.isRefusal }) { () async throws(ClientFailure) in
        try await api.importFile(into: made.id, body, key: key)
      }
    }
  }

  /// Gives the new group the name that the user wants: the import gave it that in the file.
  private func named(
    _ imported: Answer<ImportedGroup>, _ connection: Connection
  ) async throws(CommandFailure) -> Answer<ImportedGroup> {
    let made = imported.value.group
    guard let new, new.trimmed != made.name else { return imported }
    return try await connection.ask { (api) throws(ClientFailure) in
      let group = try await api.call(
        Endpoints.changeGroup, [made.id], body: GroupChange(name: new), ifMatch: made.version)
      let value = ImportedGroup(group: group, renamed: imported.value.renamed ?? [])
      do { return Answer(value: value, bytes: try JSON.bytes(of: value)) } catch {
        throw .unreadable("The answer cannot be written: \(error)")
      }
    }
  }

  /// Returns sentences about the members who got another name.
  static func renamed(_ imported: ImportedGroup) -> String {
    (imported.renamed ?? []).map { "\($0.from) is \($0.to) now." }.joined(separator: " ")
  }

  private func body(
    _ environment: CommandEnvironment
  ) throws(CommandFailure) -> (body: UploadBody, isExport: Bool) {
    guard file == "-" else {
      try environment.requireFiles()
      return try body(of: file, environment)
    }
    let bytes = try environment.readAll(Self.maxBytes)
    guard bytes.count <= Self.maxBytes else {
      guard environment.hasFiles else {
        throw CommandFailure(
          .failed,
          "The file is above \(Self.maxBytes >> 20) MiB, which is the most that can be sent through the connection. Import it with kittycash on your machine, or with curl."
        )
      }
      return try body(of: try environment.spool(bytes), environment)
    }
    guard !bytes.isEmpty else { throw CommandFailure(.usage, "Standard input has no file.") }
    return (.bytes(bytes), ImportFile.isExport(bytes))
  }

  private func body(
    of path: String, _ environment: CommandEnvironment
  ) throws(CommandFailure) -> (body: UploadBody, isExport: Bool) {
    do {
      let found = try ImportFile(path: path, home: environment.variables["HOME"] ?? "/")
      return (.file(found.path), found.isExport)
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
  }

  /// The group of the user that is named; `nil` when the file becomes a new one.
  private func knownGroup(_ connection: Connection) async throws(CommandFailure) -> ID? {
    guard let group else { return nil }
    do throws(CommandFailure) { return try await connection.group(group) } catch {
      // A request that was refused has a code.
      guard error.status == .notFound, error.code == nil else { throw error }
      throw error.saying("\(error.message) For a new group of this name, use --new instead of --group.")
    }
  }

  /// The group that the file becomes.
  private var newGroup: NewGroup {
    NewGroup(id: ID(at: .now), name: new ?? "Import", currency: Currency(code: currency ?? "EUR"))
  }

  private func leftover(_ environment: CommandEnvironment) -> @Sendable (ClientFailure) -> Void {
    { environment.printMessage("An empty group was created: remove it. \(SafeText($0.message))") }
  }
}

extension ImportFormat: ExpressibleByArgument {}

// MARK: - Files of other programs

extension ImportCommand {
  /// - Parameter known: A group of the user; `nil` makes a new one.
  private func importBooks(
    _ body: UploadBody, into known: ID?, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) {
    if let currency, Currency(code: currency) == nil {
      throw CommandFailure(
        .usage, "\"\(currency)\" is not a currency. Write its code, such as EUR.")
    }
    let wishes = try wishes()
    let (answer, id): (Answer<ImportReport>, ID?)
    do throws(CommandFailure) {
      (answer, id) = try await connection.ask {
        (api) throws(ClientFailure) -> (Answer<ImportReport>, ID?) in
        let file = FileImport(api, body, path: file, wishes, onLeftover: leftover(environment))
        if let known { return (try await file.run(in: known, isDryRun: dryRun), known) }
        let id = ID(at: .now)
        if dryRun { return (try await file.preview(as: id), nil) }
        let made = try await file.run(as: id, name: new)
        return (made.report, made.group.id)
      }
    } catch { throw error.withImportOptions }
    try output.write(report(answer, into: id), environment)
  }

  private func wishes() throws(CommandFailure) -> ImportWishes {
    var wishes = ImportWishes(
      format: format, currency: currency, decimal: decimal, dates: dates, encoding: encoding,
      acceptsDifferences: acceptDifferences, keepsTwins: keepTwins)
    // A name in a file may have an equals sign, and so may the title of a column; a role has none.
    wishes.members = try Self.pairs(map, of: "--map") { $0.lastIndex(of: "=") }
    wishes.columns = try Self.pairs(column, of: "--column") { $0.firstIndex(of: "=") }
    return wishes
  }

  /// Reads texts such as `Bob=Robert`.
  /// - Parameter sign: Returns the place of the equals sign that divides a text.
  private static func pairs(
    _ texts: [String], of option: String, at sign: (String.UnicodeScalarView) -> String.Index?
  ) throws(CommandFailure) -> [String: String] {
    var pairs: [String: String] = [:]
    var seen: Set<String> = []
    for text in texts {
      guard let place = sign(text.unicodeScalars) else {
        throw CommandFailure(.usage, "\"\(text)\" has no equals sign. Write it like Bob=Robert.")
      }
      let name = String(text.unicodeScalars[..<place]).trimmed
      let value = String(text.unicodeScalars[place...].dropFirst()).trimmed
      guard !name.isEmpty, !value.isEmpty else {
        throw CommandFailure(
          .usage, "\"\(text)\" has nothing on one side of the equals sign. Write it like Bob=Robert.")
      }
      if option == "--column", name == "ignore" {
        // Several columns may be ignored.
        pairs[name] = [pairs[name], value].compactMap(\.self).joined(separator: ";")
        continue
      }
      guard seen.insert(name.nameKey).inserted else {
        throw CommandFailure(.usage, "\(option) has \"\(name)\" twice: leave one out.")
      }
      pairs[name] = value
    }
    return pairs
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
    report.tables = [
      Self.members(of: found), Self.balances(of: found), Self.leftOut(of: found), Self.missing(of: found),
    ].filter { !$0.rows.isEmpty }
    report.note = found.sentences(isDryRun: dryRun).map { SafeText($0) }.joined("\n")
    return report
  }

  private static func members(of report: ImportReport) -> Table {
    Table(
      columns: [.init("In the file"), .init("Here"), .init("")],
      rows: report.members.map {
        [.init(SafeText($0.name)), .init(SafeText($0.here)), $0.isNew ? "new" : ""]
      })
  }

  static func balances(of report: ImportReport) -> Table {
    Table(
      columns: [
        .init("Balance of"), .init(SafeText(report.sourceTitle), isNumber: true),
        .init("Here", isNumber: true), .init(""),
      ],
      rows: report.balances.map { row in
        let (there, here) = (Amount(row.there, row.currency), Amount(row.here, row.currency))
        return [
          .init(SafeText(row.name)), .init("\(there)"), .init("\(here)"),
          row.there != row.here && report.differs
            ? .init(SafeText(report.difference(of: row)), .minus)
            : .init(SafeText(report.difference(of: row))),
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

  private static func missing(of report: ImportReport) -> Table {
    Table(
      columns: [.init("Not in the file"), .init("Date"), .init("What"), .init("Import")],
      rows: report.missing.map {
        [.init("#\($0.number)"), .init("\($0.date)"), .init(SafeText($0.text)), .init("\($0.import)")]
      })
  }
}
