import FoundationEssentials

/// Looks at all parts of an installation at the same time, each for a limited time.
struct Doctor: Sendable {
  let checks: [any Check]
  /// The time limit of a check.
  var timeLimit: Duration = .seconds(10)

  /// - Parameters:
  ///   - result: The settings, or the reason why they are not valid.
  ///   - url: The address of the installation; `nil` for `PUBLIC_URL`.
  ///   - copies: The number of servers that use the same database.
  init(
    _ result: Result<Settings, Settings.Invalid>, sources: SettingSources, url: String?, copies: Int
  ) {
    let sourcesCheck = SettingSourcesCheck(sources: sources)
    switch result {
    case .failure(let invalid):
      checks = [InvalidSettingsCheck(invalid: invalid), sourcesCheck, OpenFilesCheck()] as [any Check]
    case .success(let settings):
      checks =
        [sourcesCheck as any Check] + Self.checks(of: settings, url: url, copies: copies)
        + [OpenFilesCheck() as any Check]
    }
  }

  private static func checks(of settings: Settings, url: String?, copies: Int) -> [any Check] {
    var checks: [any Check] = [
      SettingsCheck(settings: settings), DatabaseCheck(settings: settings, copies: copies),
    ]
    if let redis = settings.redisURL { checks.append(RedisCheck(url: redis)) }
    checks +=
      [
        ClockCheck(settings: settings), DiskCheck(folder: settings.dataFolder),
        PhotosCheck(settings: settings),
        WorkerCheck(settings: settings), ServerCheck(settings: settings),
      ] as [any Check]
    if let ssh = settings.ssh { checks.append(SSHCheck(host: settings.host, ssh: ssh)) }
    if let url = url ?? settings.publicURL {
      checks.append(ProxyCheck(url: url))
      if url.hasPrefix("https://") { checks.append(CertificateCheck(url: url)) }
    }
    if let mail = settings.mail { checks.append(MailCheck(mailer: mail)) }
    return checks
  }

  init(checks: [any Check], timeLimit: Duration) {
    self.checks = checks
    self.timeLimit = timeLimit
  }

  /// Runs the checks.
  /// - Returns: The findings, in the order of the checks.
  func examine() async -> [Finding] {
    let limit = timeLimit
    return await withTaskGroup(of: (Int, [Finding]).self) { group in
      for (index, check) in checks.enumerated() {
        group.addTask { (index, await Self.findings(of: check, within: limit)) }
      }
      var found: [(Int, [Finding])] = []
      for await part in group { found.append(part) }
      return found.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
  }

  private static func findings(of check: any Check, within limit: Duration) async -> [Finding] {
    let (results, report) = AsyncStream.makeStream(of: [Finding].self)
    let work = Task {
      do { report.yield(try await check.findings()) } catch {
        report.yield([.fault(Startup.sentence(for: error))])
      }
    }
    let timer = Task {
      try await Task.sleep(for: limit)
      report.yield([
        .fault("It did not answer within \(limit.components.seconds) seconds. Check that it is running.")
      ])
    }
    // Not a group: it would wait for a check that does not end, such as one of a disk that hangs.
    var iterator = results.makeAsyncIterator()
    let found = await iterator.next() ?? []
    work.cancel()
    timer.cancel()
    return found.map { finding in
      var finding = finding
      finding.part = check.part
      return finding
    }
  }
}
