import FoundationEssentials
import KittyShared

// `--all`: each group in a folder, with its books in each format and its receipts.

extension ExportCommand {
  /// Writes all groups into a new folder: one that is there already could have files that look like those of today. What
  /// cannot be saved is named, and the rest is saved.
  func export(
    _ folder: String, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) {
    try environment.requireFiles()
    let top = PhotoFile.expanded(folder.trimmed, home: environment.variables["HOME"] ?? "/")
    try Self.make(top)
    let groups = try await connection.allGroups()
    var names = Self.ownNames
    var missing: [String] = []
    func miss(_ what: String, _ failure: CommandFailure) throws(CommandFailure) {
      // Nothing else can be read then.
      guard failure.status != .notSignedIn else { throw failure }
      environment.printMessage("Not saved as a whole: \(SafeText(what)). \(SafeText(failure.message))")
      missing.append(what)
    }
    for group in groups {
      let path = "\(top)/\(Self.folder(for: group.name, beside: &names))"
      do throws(CommandFailure) {
        try await Self.save(group.id, path, connection)
        environment.printMessage("Saved \(SafeText(path)).")
      } catch { try miss("\"\(group.name)\"", error) }
    }
    if groups.isEmpty { environment.printMessage("You are in no group.") }
    do throws(CommandFailure) {
      try await exportAccount("\(top)/\(Self.accountName)", connection, environment)
    } catch { try miss("your account", error) }
    guard missing.isEmpty else {
      throw CommandFailure(
        .failed,
        "Not saved as a whole: \(missing.listed("and")). The rest is in \(top): see the messages above.")
    }
  }

  /// Writes a group into a new folder.
  private static func save(_ group: ID, _ path: String, _ connection: Connection) async throws(CommandFailure)
  {
    try make(path)
    for format in ExportFormat.allCases where format.isText {
      try write(try await connection.export(group, format), "\(path)/books.\(format.ending)")
    }
    let withReceipts = try await connection.ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.entries, [group], query: [("q", "has:receipt")], limit: 1).value
    }
    guard !withReceipts.isEmpty else { return }
    let bytes = try await connection.ask { (api) throws(ClientFailure) in
      try await api.file(Endpoints.receipts, [group], query: [])
    }
    try write(bytes, "\(path)/\(receiptsName)")
  }

  /// Writes the data of the user's own account. An API token does not see it.
  private func exportAccount(
    _ path: String, _ connection: Connection, _ environment: CommandEnvironment
  ) async throws(CommandFailure) {
    do throws(CommandFailure) {
      let bytes = try await connection.ask { (api) throws(ClientFailure) in
        try await api.file(Endpoints.exportMe, [], query: [])
      }
      try Self.write(bytes, path)
      environment.printMessage("Saved \(SafeText(path)): your account, without secrets.")
    } catch {
      guard error.code == "session_needed" || error.status == .notFound else { throw error }
      environment.printMessage("Your account is not saved: \(SafeText(error.message))")
    }
  }

  private static func make(_ folder: String) throws(CommandFailure) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    } catch {
      throw CommandFailure(
        .failed,
        "The folder \(folder) cannot be made. Name one that does not exist, in one that does.")
    }
  }

  private static func write(_ bytes: [UInt8], _ path: String) throws(CommandFailure) {
    do throws(ExportFile.Refusal) {
      try ExportFile(path: path, home: "/").write(bytes, replaces: false)
    } catch {
      throw CommandFailure(.failed, error.description)
    }
  }

  // MARK: Names

  private static let accountName = "account.json"
  static let receiptsName = "receipts.zip"

  /// The keys of the names of files that are written, which no folder of a group gets.
  static let ownNames = Set(
    ([accountName, receiptsName] + ExportFormat.allCases.map { "books.\($0.ending)" }).map(\.nameKey))

  /// The longest name of a folder in bytes, without a number behind it: file systems allow 255.
  static let maxNameBytes = 200

  /// Returns the name of the folder of a group: names of groups may be equal, may be too long for a file system, and may have
  /// characters that no file name has.
  static func folder(for name: String, beside names: inout Set<String>) -> String {
    let plain = name.replacingScalars { $0 == "/" || $0.isInvisibleControl || $0 == "\0" ? "-" : nil }
    // A name with a dot in front would be hidden, or mean another folder.
    let visible = String(String.UnicodeScalarView(plain.unicodeScalars.drop { $0 == "." })).trimmed
    var folder = cut(visible).trimmed
    if folder.isEmpty { folder = "group" }
    var free = folder
    var number = 2
    while !names.insert(free.nameKey).inserted {
      free = "\(folder) \(number)"
      number += 1
    }
    return free
  }

  /// Returns as many whole characters of a name as a folder can have. Of a single one that is too long, it has the first scalars.
  private static func cut(_ name: String) -> String {
    var cut = ""
    for character in name {
      guard cut.utf8.count + character.utf8.count <= maxNameBytes else { break }
      cut.append(character)
    }
    return cut.isEmpty ? name.cut(to: maxNameBytes / 4) : cut
  }
}
