import ArgumentParser
import FoundationEssentials
import KittyShared
import Logging

/// `kittycash-server doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the installation, and say what to do next.",
    discussion: """
      Looks at the settings, the database, Redis, the clock, the disk, photos, the worker, the server, the proxy, its \
      certificate and the mail server, for ten seconds each. It changes nothing, sends no mail and prints no secret. Each \
      finding is a line: ok, warning or fault. The exit code is 0 when all is well, 2 with warnings and 1 with a fault.
      """)

  @OptionGroup var flags: Settings.Flags
  @Option(help: ArgumentHelp("The address that clients use. Default: PUBLIC_URL.", valueName: "url"))
  var url: String?
  @Option(help: "The number of servers that use the same database.") var copies = 1
  @Flag(help: "Print JSON, for programs.") var json = false

  func validate() throws {
    guard (1...1000).contains(copies) else { throw ValidationError("--copies must be from 1 to 1000.") }
    guard url.map({ $0.hasPrefix("http://") || $0.hasPrefix("https://") }) ?? true else {
      throw ValidationError("--url must begin with http:// or https://.")
    }
  }

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let settings: Result<Settings, Settings.Invalid>
    do { settings = .success(try await Settings(flags: flags)) } catch let invalid as Settings.Invalid {
      settings = .failure(invalid)
    }
    var worst = Finding.Level.ok
    try await Startup.run(.silent) {
      let doctor = Doctor(
        settings, sources: SettingSources(environment: environment, file: flags.config), url: url,
        copies: copies)
      let findings = await doctor.examine()
      worst = findings.map(\.level).max() ?? .ok
      StandardOutput.write(line: json ? try JSON.text(of: findings) : Self.text(findings))
    }
    switch worst {
    case .ok: break
    case .warning: throw ExitCode(2)
    case .fault: throw ExitCode(1)
    }
  }

  /// A line for each finding.
  static func text(_ findings: [Finding]) -> String {
    TextTable.text(
      ["LEVEL", "PART", "FINDING"], findings.map { [$0.level.rawValue, $0.part, $0.text] })
  }
}
