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
      that quotas count, the rows of statistics and the words of filters to those of the entries.
      """)
  var repairBalances = false
  @Flag(
    help: """
      Only set the bytes that quotas count, the rows of statistics and the words of filters to those of the entries, \
      and check nothing. An older server that writes beside a newer one does not write them.
      """)
  var repairQuotas = false

  func validate() throws {
    if repairBalances, repairQuotas {
      throw ValidationError("--repair-balances repairs the quotas too: use one of them.")
    }
  }

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    // Findings go to standard output; the log is for failures.
    let logger = JSONLogHandler.logger("kittycash-server", level: max(settings.logLevel, .warning))
    var count = 0
    try await Startup.run(logger) {
      try await withExistingData(settings, logger: logger) { dependencies in
        let audit = Audit(database: dependencies.database, photos: dependencies.photos)
        guard !repairQuotas else { return try await Self.repairQuotas(audit, dependencies.cache) }
        count = try await check(audit, cache: dependencies.cache)
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
      if count == 0, !repairQuotas { StandardOutput.write(line: "The books balance: nothing was found.") }
    }
    if count > 0 { throw ExitCode(1) }
  }

  private static func repairQuotas(_ audit: Audit, _ cache: (any CacheInvalidation)?) async throws {
    let count = try await repairBytes(audit)
    if count == 0 { StandardOutput.write(line: "The quotas are right.") }
    _ = try await repairSpending(audit, cache) + repairTexts(audit, cache)
  }

  /// Corrects the rows of statistics, and prints the groups.
  /// - Returns: The number of groups whose rows were wrong.
  private static func repairSpending(_ audit: Audit, _ cache: (any CacheInvalidation)?) async throws -> Int {
    let write = WriteContext()
    let groups = try await write.changing([.all], in: cache) {
      try await audit.repairSpending(write)
    } changed: {
      $0.map { .books($0) }
    }
    for group in groups.sorted() { StandardOutput.write(line: "repaired: the statistics of group \(group)") }
    return groups.count
  }

  /// Corrects the words and categories that filters find entries by, and prints the groups.
  /// - Returns: The number of groups that had wrong ones.
  private static func repairTexts(_ audit: Audit, _ cache: (any CacheInvalidation)?) async throws -> Int {
    let write = WriteContext()
    let groups = try await write.changing([.all], in: cache) {
      try await audit.repairTexts(write)
    } changed: {
      $0.map { .books($0) }
    }
    for group in groups.sorted() {
      StandardOutput.write(line: "repaired: the words of filters of group \(group)")
    }
    return groups.count
  }

  /// Corrects the bytes that quotas count, and prints them.
  /// - Returns: The number of groups whose bytes were wrong.
  private static func repairBytes(_ audit: Audit) async throws -> Int {
    let bytes = try await audit.repairBytes(WriteContext())
    for wrong in bytes { StandardOutput.write(line: "repaired: \(wrong)") }
    return bytes.count
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
      count =
        try await outcome.repaired.count + Self.repairBytes(audit) + Self.repairSpending(audit, cache)
        + Self.repairTexts(audit, cache)
    }
    let findings = try await audit.findings()
    findings.forEach { StandardOutput.write(line: $0) }
    return count + findings.count
  }
}
