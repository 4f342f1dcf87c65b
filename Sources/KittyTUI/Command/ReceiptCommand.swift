import ArgumentParser
import KittyShared

/// `kittycash receipt`.
struct ReceiptCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "Add a receipt to an entry, read one, or remove one.",
    discussion: """
      A PDF, JPEG, PNG, WebP, GIF, HEIC or AVIF file of at most 10 MiB: kittycash receipt flat '#12' < bill.pdf. --plain: number, \
      name, type, bytes, hash of each receipt of the entry.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(help: "The number of the receipt to replace, from 1 to 10; without it, the receipt is added.")
  var number: Int?
  @Option(help: "The name of the receipt; without it, that of the file.") var name: String?
  @Option(help: ArgumentHelp("Write the receipt with this number to standard output.", valueName: "number"))
  var read: Int?
  @Option(help: ArgumentHelp("Remove the receipt with this number.", valueName: "number")) var remove: Int?
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
  @Argument(help: "The entry: its number such as '#12', or its id.") var entry: String
  @Argument(help: "The file; without it, or with -, standard input.") var file = "-"

  func validate() throws {
    guard [number, read, remove].compactMap(\.self).count <= 1 else {
      throw ValidationError("Use one of --number, --read and --remove.")
    }
    guard [number, read, remove].compactMap(\.self).allSatisfy((1...Receipt.maxNumber).contains) else {
      throw ValidationError("The number of a receipt is from 1 to \(Receipt.maxNumber).")
    }
    guard ID(key) != nil || Int64(key) != nil else {
      throw ValidationError("Name the entry by its number, such as '#12'.")
    }
  }

  /// The entry as the server reads it: its id or its number.
  private var key: String { entry.hasPrefix("#") ? String(entry.dropFirst()) : entry }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    if let read { return try await write(read, connection, environment) }
    let answer: Answer<Entry>
    let note: String
    if let remove {
      let group = try await connection.group(group)
      answer = try await connection.ask { (api) throws(ClientFailure) in
        try await api.answer(Endpoints.removeReceipt, [group, key, remove])
      }
      note = "Removed receipt \(remove) of #\(answer.value.number)."
    } else {
      answer = try await add(connection, environment)
      note =
        "Saved: #\(answer.value.number) has \(answer.value.receipts?.count ?? 0) of \(Receipt.maxNumber) receipts."
    }
    var report = Report(json: answer.bytes)
    report.fields = (answer.value.receipts ?? []).map(ReceiptsCommand.fields)
    report.note = SafeText(note)
    try output.write(report, environment)
  }

  private func add(
    _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) -> Answer<Entry> {
    let (body, fileName) = try receipt(environment)
    let group = try await connection.group(group)
    let before: Entry = try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.entry, [group, key])
    }
    guard let number = number ?? before.content.freeReceiptNumber else {
      throw CommandFailure(
        .failed, "#\(before.number) has \(Receipt.maxNumber) receipts, which is the most. Remove one first.")
    }
    let query = (name ?? fileName).map { [("name", $0)] } ?? []
    return try await connection.ask { (api) throws(ClientFailure) in
      try await api.put(
        Endpoints.setReceipt, [group, before.id, number], body, query: query, ifMatch: before.version)
    }
  }

  private func write(
    _ number: Int, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) {
    guard !environment.isTerminal else {
      throw CommandFailure(
        .usage, "A receipt is a file: send it to one, such as kittycash receipt GROUP '#12' --read 1 > FILE")
    }
    let group = try await connection.group(group)
    let bytes = try await connection.ask { (api) throws(ClientFailure) in
      try await api.file(Endpoints.receipt, [group, key, number], query: [])
    }
    try environment.write(bytes)
  }

  private func receipt(
    _ environment: CommandEnvironment
  ) throws(CommandFailure) -> (body: UploadBody, name: String?) {
    guard file == "-" else {
      try environment.requireFiles()
      do throws(PhotoFile.Refusal) {
        let file = try ReceiptFile(path: file, home: environment.variables["HOME"] ?? "/")
        return (.file(file.path), file.name)
      } catch {
        throw CommandFailure(.failed, error.description)
      }
    }
    guard !environment.isInteractive else {
      throw CommandFailure(
        .usage, "Name the file, or send it on standard input: kittycash receipt GROUP '#12' < FILE")
    }
    let bytes = try environment.readAll(Receipt.maxBytes)
    guard bytes.count <= Receipt.maxBytes else {
      throw CommandFailure(.failed, ReceiptFile.tooLarge.description)
    }
    do throws(PhotoFile.Refusal) { try ReceiptFile.checkFormat(bytes) } catch {
      throw CommandFailure(.failed, error.description)
    }
    return (.bytes(bytes), nil)
  }
}
