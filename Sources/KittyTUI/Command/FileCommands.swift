import ArgumentParser
import Curl
import KittyShared

/// `kittycash photo`.
struct PhotoCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "photo", abstract: "Set the photo of a group.",
    discussion: "A JPEG, PNG or WebP picture of at most 20 MiB. --plain: hash, width, height.")

  @OptionGroup var place: ServerOption
  @OptionGroup var output: OutputOptions
  @Argument(help: groupHelp) var group: String
  @Argument(help: "The picture, or - for standard input.") var file: String

  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(place, surroundings).signedIn()
    let body = try picture(surroundings)
    let id = try await connection.group(group)
    let answer = try await connection.ask { (api) throws(ClientFailure) in
      try await api.put(Endpoints.setGroupPhoto, [id], body)
    }
    let photo = answer.value
    var report = Report(json: answer.bytes)
    report.fields = [["\(photo.hash)", "\(photo.width)", "\(photo.height)"]]
    report.note = "Saved: \(photo.width) × \(photo.height) pixels. Location and other metadata were removed."
    try output.write(report, surroundings)
  }

  private func picture(_ surroundings: CommandEnvironment) throws(CommandFailure) -> HTTPRequest.Body {
    guard file == "-" else {
      do throws(PhotoFile.Refusal) {
        return .file(try PhotoFile(path: file, home: surroundings.environment["HOME"] ?? "/").path)
      } catch {
        throw CommandFailure(.failed, error.description)
      }
    }
    let bytes = try surroundings.readAll(Int(PhotoFile.maxBytes))
    guard bytes.count <= PhotoFile.maxBytes else {
      throw CommandFailure(.failed, "The photo is too large: it must have at most 20 MiB.")
    }
    guard PhotoFile.isPicture(bytes) else {
      throw CommandFailure(.failed, "Standard input is not a JPEG, PNG or WebP picture.")
    }
    return .bytes(bytes)
  }
}

/// `kittycash export`.
struct ExportCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Export the books of a group as a file.",
    discussion: "kittycash export flat --format hledger > flat.journal")

  /// The format of the file.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case json, csv, hledger, beancount
  }

  @OptionGroup var place: ServerOption
  @Option(help: "The format of the file.")
  var format = Format.json
  @Argument(help: groupHelp) var group: String

  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(place, surroundings).signedIn()
    let id = try await connection.group(group)
    // The only response that grows with the group and has no pages.
    connection.api.http = HTTPClient(responseLimit: 512 << 20)
    let bytes = try await connection.ask { (api) throws(ClientFailure) in
      try await api.file(Endpoints.export, [id], query: [("format", format.rawValue)])
    }
    // A file stays as it was received. On a terminal control characters are replaced.
    guard surroundings.isTerminal else { return try surroundings.write(bytes) }
    guard format != .json else { return try surroundings.write(SafeJSON.bytes(bytes)) }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    try surroundings.write(Array(lines.map { SafeText($0).string }.joined(separator: "\n").utf8))
  }
}

/// `kittycash info`.
struct InfoCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show the server, the signed-in user and the paths of the files.",
    discussion: """
      Sends no request. --plain and --json have the same names: version, server, serverFrom, user, tokenFrom, \
      sessionFile, serverFile.
      """)

  @OptionGroup var place: ServerOption
  @OptionGroup var output: OutputOptions

  private struct Info: Encodable {
    let version: String
    let server: String
    let serverFrom: String
    let user: String?
    let tokenFrom: String?
    let sessionFile: String
    let serverFile: String
  }

  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(place, surroundings)
    let isGiven = connection.api.token != nil
    let stored = try connection.stored()
    let info = Info(
      version: clientVersion, server: connection.choice.address.url,
      serverFrom: connection.choice.reason.rawValue, user: isGiven ? nil : stored?.name,
      tokenFrom: isGiven ? "$KITTYCASH_TOKEN" : stored == nil ? nil : "the session file",
      sessionFile: connection.tokens.path, serverFile: ServerChoice.file(surroundings.environment).path)
    let user = info.user ?? (isGiven ? "the owner of the token" : "not signed in")
    let lines: [(title: SafeText, name: SafeText, value: SafeText)] = [
      ("Version", "version", "\(info.version)"), ("Server", "server", "\(info.server)"),
      ("Server from", "serverFrom", "\(info.serverFrom)"), ("Signed in", "user", "\(user)"),
      ("Token from", "tokenFrom", "\(info.tokenFrom ?? "-")"),
      ("Session file", "sessionFile", "\(info.sessionFile)"),
      ("Server file", "serverFile", "\(info.serverFile)"),
    ]
    var report = Report()
    do { report.json = try JSON.bytes(of: info) } catch { throw CommandFailure(.failed, "\(error)") }
    report.tables = [
      Table(
        columns: [.init("What"), .init("Value")], rows: lines.map { [.init($0.title), .init($0.value)] })
    ]
    report.fields = lines.map {
      [
        $0.name,
        $0.name == "user"
          ? "\(info.user ?? "")" : $0.name == "tokenFrom" ? "\(info.tokenFrom ?? "")" : $0.value,
      ]
    }
    try output.write(report, surroundings)
  }
}
