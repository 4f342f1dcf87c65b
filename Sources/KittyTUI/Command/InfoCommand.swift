import ArgumentParser
import KittyShared

/// `kittycash info`.
struct InfoCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show the server, the signed-in user and the paths of the files.",
    discussion: """
      Sends no request. --plain and --json have the same names: version, server, serverFrom, user, tokenFrom, \
      sessionFile, serverFile, configFile, stateFolder, draftFolder, logFile, cacheFolder, authorities (the certificates \
      that may sign that of the server), problem (a line for each problem of the settings).
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions

  private struct Info: Encodable {
    let version: String
    let server: String
    let serverFrom: String
    let user: String?
    let tokenFrom: String?
    let sessionFile: String
    let serverFile: String
    let configFile: String
    let stateFolder: String
    let draftFolder: String
    let logFile: String
    let cacheFolder: String
    let authorities: String
    let problems: [String]
  }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment)
    let isGiven = connection.api.token != nil
    let stored = try connection.stored()
    let variables = environment.variables
    let settings = ClientSettings(flags: .init(ca: serverOption.ca), environment: variables)
    let problems = settings.problems + KeyMap.standard(settings, variables).problems
    let info = Info(
      version: KittyCash.version, server: connection.choice.address.url,
      serverFrom: connection.choice.reason.rawValue, user: isGiven ? nil : stored?.name,
      tokenFrom: isGiven ? "$KITTYCASH_TOKEN" : stored == nil ? nil : "the session file",
      sessionFile: connection.tokens.path, serverFile: ServerChoice.file(variables).path,
      configFile: ConfigFile.path(variables), stateFolder: PrivateFile.folder(variables),
      draftFolder: connection.tokens.drafts, logFile: DebugLog.path(variables),
      cacheFolder: UserFiles.cacheFolder(variables), authorities: settings.authorities.words,
      problems: problems.map(\.string))
    let user = info.user ?? (isGiven ? "the owner of the token" : "not signed in")
    let lines: [(title: SafeText, name: SafeText, value: SafeText)] =
      [
        ("Version", "version", "\(info.version)"), ("Server", "server", "\(info.server)"),
        ("Server from", "serverFrom", "\(info.serverFrom)"), ("Signed in", "user", "\(user)"),
        ("Token from", "tokenFrom", "\(info.tokenFrom ?? "-")"),
        ("Session file", "sessionFile", "\(info.sessionFile)"),
        ("Server file", "serverFile", "\(info.serverFile)"),
        ("Settings", "configFile", "\(info.configFile)"), ("State", "stateFolder", "\(info.stateFolder)"),
        ("Drafts", "draftFolder", "\(info.draftFolder)"), ("Log of --debug", "logFile", "\(info.logFile)"),
        ("Cache", "cacheFolder", "\(info.cacheFolder)"),
        ("Authorities", "authorities", "\(info.authorities)"),
      ] + problems.map { ("Problem", "problem", $0) }
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
    try output.write(report, environment)
  }
}
