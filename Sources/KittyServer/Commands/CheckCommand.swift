import ArgumentParser

/// `kittycash-server check`.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Recompute the books from the postings and report differences.",
    discussion: """
      Prints each finding on a line of its own. The exit code is 0 without findings, and 1 with findings, even if \
      they were repaired, and when there is no data to check. It creates no database and migrates none.
      """)

  @OptionGroup var flags: Settings.Flags
  @Flag(
    help: """
      Set wrong running balances to the sums of the postings, except in a group that has lost records, and the bytes \
      that quotas count to those of the entries.
      """)
  var repairBalances = false

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    // Findings go to standard output; the log is for failures.
    let logger = JSONLogHandler.logger("kittycash-server", level: max(settings.logLevel, .warning))
    var count = 0
    try await Startup.run(logger) {
      try await withExistingData(settings, logger: logger) { dependencies in
        count = try await check(
          Audit(database: dependencies.database, photos: dependencies.photos), cache: dependencies.cache)
        if let problem = try await dependencies.collationProblem() {
          StandardOutput.write(line: problem)
          count += 1
        }
        let unreadable = try await dependencies.secondFactors.unreadable()
        if unreadable > 0 {
          StandardOutput.write(line: "second factors that SECRETS_KEY cannot read: \(unreadable)")
          count += 1
        }
      }
      if count == 0 { StandardOutput.write(line: "The books balance: nothing was found.") }
    }
    if count > 0 { throw ExitCode(1) }
  }

  /// Prints the findings.
  /// - Returns: The number of findings.
  private func check(_ audit: Audit, cache: (any CacheInvalidation)?) async throws -> Int {
    var count = 0
    if repairBalances {
      let write = WriteContext()
      // Servers must not serve the wrong balances from their caches.
      let outcome = try await write.changing([.all], in: cache) {
        try await audit.repairBalances(write)
      } changed: {
        $0.repaired.map { .books($0.group) }
      }
      for wrong in outcome.repaired { StandardOutput.write(line: "repaired: \(wrong)") }
      for (wrong, why) in outcome.refused {
        StandardOutput.write(
          line: "not repaired, as records are lost or damaged: \(wrong). First restore what is lost: \(why)")
      }
      let bytes = try await audit.repairBytes(WriteContext())
      for wrong in bytes { StandardOutput.write(line: "repaired: \(wrong)") }
      count = outcome.repaired.count + bytes.count
    }
    let findings = try await audit.findings()
    findings.forEach { StandardOutput.write(line: $0) }
    return count + findings.count
  }
}
