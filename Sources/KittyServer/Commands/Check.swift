import ArgumentParser
import KittyShared

/// `kittycash-server check`.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Recompute the books from the postings and report what does not fit.",
    discussion: """
      Prints each finding on a line of its own. The exit code is 0 when all is right, and 1 when something
      was found, also when it was repaired.
      """)

  @OptionGroup var flags: Settings.Flags
  @Flag(help: "Set running balances that are wrong to what the postings add up to.")
  var repairBalances = false

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    // What it prints are findings; the log is for what goes wrong on the way.
    let logger = JSONLines.logger("kittycash-server", level: max(settings.logLevel, .warning))
    var count = 0
    try await Startup.run(logger) {
      let parts = try await Parts(settings, logger: logger)
      try await parts.migrate()
      let audit = Audit(database: parts.database, photos: parts.photos)
      var repaired: [String] = []
      if repairBalances {
        repaired = try await audit.repairBalances().map { "repaired: \($0)" }
        repaired.forEach { print($0) }
      }
      let findings = try await audit.findings()
      findings.forEach { print($0) }
      count = findings.count + repaired.count
      await parts.close()
      if count == 0 { print("The books balance: nothing was found.") }
    }
    if count > 0 { throw ExitCode(1) }
  }
}
