import FoundationEssentials
import KittyShared

/// An import of folders of `kittycash export --all`: each group becomes a new one, and its receipts go to its entries again. One
/// that fails is named, and the others go on.
struct FolderImport {
  private let command: ImportCommand
  private let connection: Connection
  private let environment: CommandEnvironment
  /// The groups of the user. One that was imported before stands for one folder.
  private var mine: [Group]
  private var report = Report()
  private var documents: [[UInt8]] = []
  private var failed: [String] = []

  init(
    command: ImportCommand, _ connection: Connection, _ environment: CommandEnvironment, mine: [Group]
  ) {
    (self.command, self.connection, self.environment, self.mine) = (command, connection, environment, mine)
  }

  /// Imports the groups, or only tells what would be imported.
  /// - Throws: `CommandFailure` after all others, when a group was not imported as a whole.
  mutating func run(_ folders: [String]) async throws(CommandFailure) {
    var end: CommandFailure?
    for folder in folders where end == nil {
      do throws(CommandFailure) { try await add(folder) } catch {
        failed.append(folder)
        let request = error.requestID.map { " (request \($0))" } ?? ""
        say("\(folder): \(error.message)\(request)")
        // Without a session, no other one can be imported.
        if error.status == .notSignedIn { end = error }
      }
    }
    report.json = Array("[".utf8) + Array(documents.joined(separator: Array(",".utf8))) + Array("]".utf8)
    try command.output.write(report, environment)
    if let end { throw end }
    guard failed.isEmpty else {
      let again = command.dryRun ? "" : " Then repeat the command: what was imported is left out."
      throw CommandFailure(
        .failed,
        "Of \(folders.count) \(folders.count == 1 ? "group" : "groups") not imported as a whole: \(failed.listed("and")). Mend what the messages above name.\(again)"
      )
    }
  }

  private func say(_ text: String) { environment.printMessage(SafeText(text)) }

  private mutating func add(_ folder: String) async throws(CommandFailure) {
    let books = try Self.books(in: folder)
    let copy = try await copy(of: books)
    if let copy {
      say(
        "\(folder): you have an import of this group: \"\(copy.name)\" (\(copy.id)). It is left out; --again makes another one."
      )
    }
    guard !command.dryRun else { return copy == nil ? try await preview(books, of: folder) : () }
    if let copy {
      let sent = await addReceipts(of: folder, to: copy, missingOnly: true)
      if sent.count > 0 { say("\(folder): \(Self.receipts(sent.count)) that it lacked.") }
      if let failure = sent.failure { throw failure }
      return
    }
    let imported = try await command.importExport(.file(books), into: nil, connection, environment)
    let made = imported.value.group
    documents.append(imported.bytes)
    let sent = await addReceipts(of: folder, to: made, missingOnly: false)
    report.fields.append(["\(made.id)", "\(made.name)", "\(sent.count)"])
    say(
      "Imported \(made.name) with \(Self.receipts(sent.count)). \(ImportCommand.renamed(imported.value))"
        .trimmed
    )
    if let failure = sent.failure { throw failure }
  }

  private mutating func preview(_ books: String, of folder: String) async throws(CommandFailure) {
    let answer = try await command.previewExport(.file(books), connection)
    let found = answer.value
    var receipts = 0
    if let archive = Self.archive(of: folder) {
      try await archive.forEach {
        CommandFailure(.failed, $0.description)
      } _: {
        (_) throws(CommandFailure) in
        receipts += 1
      }
    }
    documents.append(answer.bytes)
    let name = found.name ?? folder.split(separator: "/").last.map(String.init) ?? folder
    report.fields.append(["-", "\(name)", "\(receipts)", "\(found.expenses)", "\(found.payments)"])
    say("Would import \(name): \(found.counts), with \(Self.receipts(receipts)).")
  }

  private static func receipts(_ count: Int) -> String { ImportReport.count(count, "receipt", "receipts") }

  // MARK: Books

  private static func books(in folder: String) throws(CommandFailure) -> String {
    let file: ImportFile
    do throws(ImportFile.Refusal) {
      file = try ImportFile(path: "\(folder)/books.json", home: "/")
    } catch {
      throw CommandFailure(.failed, error.description)
    }
    guard file.isExport else {
      throw CommandFailure(.failed, "\(file.path) is not an export of KittyCash as JSON.")
    }
    return file.path
  }

  /// Takes the group of the user that an earlier import made of the file; `nil` when there is none. The members of such a group
  /// have the ids of the file, and the user is one of them. So it is in the group that was exported; but that one was begun
  /// by one of its members.
  private mutating func copy(of books: String) async throws(CommandFailure) -> Group? {
    guard let file = try await Self.group(in: books) else { return nil }
    let members = Set(file.members.map(\.id))
    let copies = mine.indices.filter {
      members.contains(mine[$0].me) && !members.contains(Group.firstMember(of: mine[$0].id))
    }
    let key = file.name.nameKey
    guard let index = copies.first(where: { mine[$0].name.nameKey == key }) ?? copies.first else {
      return nil
    }
    return mine.remove(at: index)
  }

  /// Reads what a file tells of its group, without the entries; `nil` when only the server can tell.
  /// - Throws: `CommandFailure` for a file that is cut off.
  private static func group(in books: String) async throws(CommandFailure) -> GroupFile? {
    do {
      let data = try Data(contentsOf: URL(filePath: books), options: .mappedIfSafe)
      guard !ImportFile.isGzip(data.prefix(2)) else { return nil }
      return try await GroupFileDocument(data).group
    } catch let rejection as Rejection {
      // A newer server may know fields that this client does not.
      guard rejection.reason == .malformed else { return nil }
      throw CommandFailure(.failed, GroupFileDocument.damaged.detail)
    } catch {
      throw CommandFailure(.failed, "\(books) cannot be read.")
    }
  }

  // MARK: Receipts

  private static func archive(of folder: String) -> ReceiptArchive? {
    let path = "\(folder)/\(ExportCommand.receiptsName)"
    return FileManager.default.fileExists(atPath: path) ? ReceiptArchive(path: path) : nil
  }

  /// Sends the receipts of a group to its entries. A receipt that the server refuses is said, and the others are sent.
  /// - Parameter missingOnly: `true` for those alone that an entry names and whose files the server does not have.
  /// - Returns: The number of those that were sent, and the reason why others were not.
  private func addReceipts(
    of folder: String, to group: Group, missingOnly: Bool
  ) async -> (count: Int, failure: CommandFailure?) {
    guard let archive = Self.archive(of: folder) else { return (0, nil) }
    var (count, refused) = (0, 0)
    do throws(CommandFailure) {
      try await archive.forEach {
        CommandFailure(.failed, $0.description)
      } _: {
        (file) async throws(CommandFailure) in
        do throws(CommandFailure) {
          if missingOnly, try await !isMissing(file, in: group) { return }
          try await send(file, to: group)
          count += 1
        } catch {
          guard error.status == .refused || error.status == .notFound else { throw error }
          say("\(folder): #\(file.entry) has no receipt \(file.name): \(error.message)")
          refused += 1
        }
      }
      guard refused > 0 else { return (count, nil) }
      return (count, CommandFailure(.failed, "\(Self.receipts(refused)) refused: see above."))
    } catch {
      return (count, error)
    }
  }

  private func send(_ file: ReceiptArchive.File, to group: Group) async throws(CommandFailure) {
    _ = try await connection.ask { (api) throws(ClientFailure) in
      try await api.put(
        Endpoints.setReceipt, [group.id, file.entry, file.number], .bytes(file.bytes),
        query: [("name", file.name)])
    }
  }

  /// Returns `true` for a receipt that an entry names and of which the server has no file. One that was removed since, or whose
  /// entry is gone, is not missing.
  private func isMissing(_ file: ReceiptArchive.File, in group: Group) async throws(CommandFailure) -> Bool {
    do throws(CommandFailure) {
      _ = try await connection.ask { (api) throws(ClientFailure) in
        // One byte tells that it is there.
        try await api.raw(
          "GET", Endpoints.receipt.route.path([group.id, file.entry, file.number]),
          headers: [("Range", "bytes=0-0")], body: nil)
      }
      return false
    } catch {
      guard error.status == .notFound else { throw error }
      return error.code == "no_file"
    }
  }
}
