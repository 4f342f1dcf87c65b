import ArgumentParser
import KittyShared
import POSIX
import SystemPackage

/// `kittycash keys`.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "List, add and remove the keys of ssh with which you sign in.",
    discussion: "With a key, \"kittycash login --ssh\" needs no password.",
    subcommands: [List.self, Add.self, Remove.self], defaultSubcommand: List.self)

  /// `kittycash keys list`.
  struct List: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List your keys.",
      discussion: "--plain: id, name, type, fingerprint, instant of the last use or nothing.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let keys = try await connection.ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.sshKeys)
      }
      var report = Report(json: keys.bytes)
      report.tables = [
        Table(
          columns: [.init("Name"), .init("Type"), .init("Fingerprint"), .init("Last used")],
          rows: keys.value.map { key in
            [
              .init("\(key.name)"), .init("\(key.type)"), .init("\(key.fingerprint)"),
              .init(key.lastUsedAt.map { "\($0.day)" } ?? "never"),
            ]
          })
      ]
      report.fields = keys.value.map { key in
        [
          "\(key.id)", "\(key.name)", "\(key.type)", "\(key.fingerprint)",
          key.lastUsedAt.map { "\($0)" } ?? "",
        ]
      }
      if keys.value.isEmpty {
        report.note = "You have no keys. Add one: kittycash keys add ~/.ssh/id_ed25519.pub"
      }
      return report
    }
  }

  /// `kittycash keys add`.
  struct Add: ScriptCommand {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Add a public key.",
      discussion:
        "Keys of type Ed25519, ECDSA, RSA from 3072 bits on, and those of security keys are accepted.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Option(help: "Its name. Default: the comment of the key.") var name: String?
    @Argument(help: "The file of the public key, such as ~/.ssh/id_ed25519.pub, or - for standard input.")
    var file: String

    private static let maxBytes = 16_384

    func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
      let connection = try Connection(serverOption, environment).signedIn()
      let bytes = try file == "-" ? environment.readAll(Self.maxBytes) : read(environment)
      guard bytes.count <= Self.maxBytes, let line = String(validating: bytes, as: UTF8.self) else {
        throw CommandFailure(.usage, "This is no public key: name the file that ends in .pub.")
      }
      var new = NewSSHKey(id: ID(at: .now), name: name, key: line.trimmed)
      do throws(Rejection) { new = try new.checked() } catch {
        // Nothing was sent: a private key stays here.
        throw CommandFailure(.usage, error.errors?.first?.message ?? error.detail)
      }
      let added: SSHKey = try await connection.ask { (api) throws(ClientFailure) in
        try await api.create(Endpoints.addSSHKey, [], new)
      }
      var report: Report
      do { report = Report(json: try JSON.bytes(of: added)) } catch {
        throw CommandFailure(.failed, "The answer cannot be written: \(error)")
      }
      report.fields = [["\(added.id)", "\(added.fingerprint)"]]
      report.note = "Added \(added.name): \(added.fingerprint)."
      try output.write(report, environment)
    }

    private func read(_ environment: CommandEnvironment) throws(CommandFailure) -> [UInt8] {
      try environment.requireFiles()
      do {
        let descriptor = try FileDescriptor.open(FilePath(file), .readOnly)
        return try descriptor.closeAfter { try descriptor.read(upTo: Self.maxBytes + 1) }
      } catch {
        throw CommandFailure(.failed, "\(file) cannot be read: \(error)")
      }
    }
  }

  /// `kittycash keys remove`.
  struct Remove: ScriptCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Remove a key, and end the sessions that it began.")

    @OptionGroup var serverOption: ServerOption
    @Argument(help: "Its name, its fingerprint or its id.") var key: String

    func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
      let connection = try Connection(serverOption, environment).signedIn()
      let keys = try await connection.ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.sshKeys)
      }.value
      let found = keys.filter { [$0.name, $0.fingerprint, "\($0.id)"].contains(key) }
      guard let one = found.first else {
        throw CommandFailure(.notFound, "You have no key \"\(key)\". \"kittycash keys\" lists them.")
      }
      guard found.count == 1 else {
        throw CommandFailure(.usage, "\(found.count) keys have the name \"\(key)\": write the fingerprint.")
      }
      try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(Endpoints.removeSSHKey, [one.id])
      }
      environment.printMessage(
        "Removed \(one.name): \(one.fingerprint). The sessions that it began have ended.")
    }
  }
}
