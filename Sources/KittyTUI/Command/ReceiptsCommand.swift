import ArgumentParser
import KittyShared

/// `kittycash receipts`.
struct ReceiptsCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipts", abstract: "List the receipts of a group, or save all of them as a zip file.",
    discussion: "--plain: number, name, type, bytes, hash, number of the entry, date, description.")

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(help: "The first day, such as 2026-01-01.") var from: String?
  @Option(help: "The last day.") var to: String?
  @Option(help: "The zip file to write; - for standard output.") var zip: String?
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

  /// Number, name, type, bytes and hash.
  static func fields(_ receipt: Receipt) -> [SafeText] {
    [
      "\(receipt.number)", SafeText(receipt.name), "\(receipt.type.rawValue)", "\(receipt.bytes)",
      "\(receipt.hash)",
    ]
  }

  private var days: [(String, String)] {
    [("from", from), ("to", to)].compactMap { name, day in day.map { (name, $0) } }
  }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(serverOption, environment).signedIn()
    let group = try await connection.group(group)
    guard let zip else { return try output.write(try await list(group, connection), environment) }
    // It grows with the group and has no pages.
    connection.api = connection.api.accepting(1 << 30)
    if zip == "-" {
      guard !environment.isTerminal else {
        throw CommandFailure(.usage, "A zip file is not for a terminal: send it to a file with > FILE.")
      }
      return try environment.write(try await file(group, connection))
    }
    try environment.requireFiles()
    let target: ExportFile
    do throws(ExportFile.Refusal) {
      target = try ExportFile(path: zip, home: environment.variables["HOME"] ?? "/")
      guard !target.exists else { throw ExportFile.Refusal(description: "\(target.path) exists already.") }
    } catch {
      throw CommandFailure(.failed, error.description)
    }
    let bytes = try await file(group, connection)
    do throws(ExportFile.Refusal) { try target.write(bytes, replaces: false) } catch {
      throw CommandFailure(.failed, error.description)
    }
    environment.printMessage("Saved \(target.path): \(bytes.count) bytes.")
  }

  private func file(_ group: ID, _ connection: Connection) async throws(CommandFailure) -> [UInt8] {
    let bytes = try await connection.ask { (api) throws(ClientFailure) in
      try await api.file(Endpoints.receipts, [group], query: days)
    }
    // The end of a zip file is all that one without files has.
    guard !bytes.starts(with: [0x50, 0x4b, 5, 6]) else {
      throw CommandFailure(
        .failed, "No entry\(days.isEmpty ? "" : " of this time") has a receipt. Nothing was written.")
    }
    return bytes
  }

  private func list(_ group: ID, _ connection: Connection) async throws(CommandFailure) -> Report {
    let entries = try await connection.ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.entries, [group], query: days)
    }
    let withReceipts = entries.value.filter { $0.receipts != nil }
    var report = Report()
    do { report.json = try JSON.bytes(of: Page(items: withReceipts, next: nil)) } catch {
      throw CommandFailure(.failed, "The answer cannot be written: \(error)")
    }
    var table = Table(
      columns: [
        .init("Date"), .init("No."), .init("What"), .init("Receipt"), .init("Bytes", isNumber: true),
      ], rows: [])
    for entry in withReceipts {
      for receipt in entry.receipts ?? [] {
        table.rows.append([
          .init("\(entry.date)"), .init("#\(entry.number)"), .init(SafeText(entry.description)),
          .init(SafeText("\(receipt.number) \(receipt.name)")), .init("\(receipt.bytes)"),
        ])
        report.fields.append(
          Self.fields(receipt) + ["\(entry.number)", "\(entry.date)", SafeText(entry.description)])
      }
    }
    report.tables = [table]
    if withReceipts.isEmpty { report.note = "No entry has a receipt." }
    return report
  }
}
