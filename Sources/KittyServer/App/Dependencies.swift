import FoundationEssentials
import KittyShared
import Logging
import Redis

/// The composition root: everything that a running server, worker or command uses, made from its settings.
///
/// The parts meet as follows:
///
/// 1. A command (Commands/) reads `Settings` and calls `withDependencies`.
/// 2. `init` connects to the database (PostgreSQL or SQLite), to Redis if there is one, and to the photo storage (a
///    folder or S3). Nothing else in the program decides between them: all others see protocols.
/// 3. The database is wrapped: `JobNotifyingDatabase` → `MeasuredDatabase` → `FairDatabase` → driver.
/// 4. `buildRouter` gives each controller its stores; `buildApplication` puts the router behind the HTTP server.
/// 5. `worker` gives the jobs their handlers; `metricsServices` publishes the meters of all parts.
/// 6. `ServiceGroup` runs them until SIGTERM; then `close` closes the connections.
struct Dependencies: Sendable {
  let settings: Settings
  let logger: Logger
  let database: any Database
  /// The same database, for backups.
  let backupDatabase: any BackupDatabase
  /// `nil` when other servers may write to the database without telling this one: then nothing is cached.
  let cache: (any CacheInvalidation)?
  let photos: any PhotoStorage
  let uploads: UploadFolder
  let passwords: Passwords
  let uses: LastUsedTracker
  /// The time for sessions and one-time codes.
  let clock: @Sendable () -> Instant
  let converter: PhotoConverterProcess
  let limits: Limits
  /// Wakes the worker of this process.
  let notifier: JobNotifier
  let metrics = Metrics()
  let shares: Shares
  /// Reads the current load of the database.
  let load: @Sendable () -> [DatabaseLoad]

  /// - Parameter isCommand: `true` for a command that runs beside servers.
  init(
    _ settings: Settings, logger: Logger, converter: PhotoConverterProcess? = nil, isCommand: Bool = false,
    clock: @escaping @Sendable () -> Instant = { .now }
  ) async throws {
    self.clock = clock
    let converter = try converter ?? .beside()
    self.converter = converter
    let shares = Shares(
      settings.shares, isPostgres: settings.databaseURL != nil,
      photosTurnedAway: converter.outcomes.turnedAway)
    self.shares = shares
    self.settings = settings
    self.logger = logger
    uploads = try UploadFolder(dataFolder: settings.dataFolder)
    if let bucket = settings.photos {
      photos = S3Bucket(bucket.location, bucket.credentials, maxBytes: settings.photoMaxBytes)
    } else {
      photos = try PhotoFolder(dataFolder: settings.dataFolder)
    }
    (backupDatabase, load) = try Self.connect(settings, logger)
    let database = MeasuredDatabase(
      database: FairDatabase(database: backupDatabase, shares: shares.database), meter: metrics.database)
    let notifier = JobNotifier()
    self.notifier = notifier
    let redis: RedisClient?
    (cache, redis) = try Self.cache(settings, over: backupDatabase, isCommand: isCommand, logger)
    limits = Limits(settings.limits, redis: redis)
    var notify: @Sendable () -> Void = { notifier.notify() }
    if let redis, settings.worker == .separate {
      let remote = RedisJobNotifier(redis)
      notify = { remote.notify() }
    }
    self.database = JobNotifyingDatabase(database: database, notify: notify)
    passwords = try Passwords()
    uses = LastUsedTracker(database: database, logger: logger)
  }

  /// Makes the invalidation of the caches, and the connection to Redis that it closes.
  private static func cache(
    _ settings: Settings, over database: any Database, isCommand: Bool, _ logger: Logger
  ) throws -> ((any CacheInvalidation)?, RedisClient?) {
    let onState: @Sendable (String) -> Void = { logger.notice("redis", metadata: ["state": "\($0)"]) }
    let sqlite = database as? SQLiteDatabase
    if isCommand, sqlite == nil {
      let redis = try settings.redisURL.map { try RedisClient(url: $0, onState: onState) }
      return (NoticeInvalidation(redis: redis), redis)
    }
    guard let url = settings.redisURL else {
      return (
        sqlite.map { database in
          InProcessInvalidation { table in SQLiteChanges(database) { table.invalidateAll() } }
        }, nil
      )
    }
    let redis = try RedisInvalidation(url: url, settling: settings.cacheSettling, onState: onState) {
      reception in
      if let sqlite { return SQLiteChanges(sqlite) { reception.table.invalidateAll() } }
      return PostgresNotices(
        url: settings.databaseURL ?? "", onGap: { reception.start() },
        onNotice: { reception.receive($0) })
    }
    return (redis, redis.client)
  }

  /// Opens the database of the settings.
  private static func connect(
    _ settings: Settings, _ logger: Logger
  ) throws -> (any BackupDatabase, @Sendable () -> [DatabaseLoad]) {
    if let url = settings.databaseURL {
      let postgres = PostgresDatabase(url: url, timeLimit: settings.statementTimeLimit) { message in
        logger.notice("postgres", metadata: ["state": "\(message)"])
      }
      return (postgres, postgres.load)
    }
    let sqlite = try SQLiteDatabase(
      path: settings.dataFolder + "/kittycash.sqlite", timeLimit: settings.statementTimeLimit)
    return (sqlite, sqlite.load)
  }

  /// Updates the schema.
  /// - Returns: The versions that were applied.
  @discardableResult func migrate() async throws -> [Int] {
    let applied = try await database.migrate(Migration.all)
    for version in applied { logger.notice("migrated", metadata: ["version": "\(version)"]) }
    if let problem = try await collationProblem() {
      logger.warning("collation", metadata: ["why": "\(problem)"])
    }
    return applied
  }

  /// Undoes the imports that an earlier run of the server has not finished.
  func abandonImports() async {
    do {
      let count = try await PiecewiseImport.abandonAll(database)
      guard count > 0 else { return }
      logger.notice("imports that were not finished were undone", metadata: ["groups": "\(count)"])
    } catch {
      // The other groups are served all the same, even with a full disk.
      logger.error(
        "imports that were not finished could not be undone: their groups answer 503 until the next start",
        metadata: ["error": "\(error)"])
    }
  }

  /// Returns the difference between the collation of a PostgreSQL database and that of its server; `nil` without one.
  func collationProblem() async throws -> String? {
    settings.databaseURL == nil ? nil : try await CollationVersion(database: database).problem()
  }

  /// Begins and ends sessions.
  var sessions: Sessions {
    Sessions(store: SessionStore(database: database), cache: cache, clock: { .now })
  }

  /// Decides whether a user may sign up.
  var signUpPolicy: SignUpPolicy {
    SignUpPolicy(
      mode: settings.signUp, invites: SignUpInviteStore(database: database),
      groupInvites: InviteStore(database: database))
  }

  /// Sends mail for forgotten passwords.
  var passwordResets: PasswordResets {
    PasswordResets(store: PasswordResetStore(database: database), mailer: settings.mail)
  }

  /// Sends mail that confirms addresses.
  var emailConfirmations: EmailConfirmations {
    EmailConfirmations(store: EmailConfirmationStore(database: database), mailer: settings.mail)
  }

  /// Checks one-time codes and recovery codes.
  var secondFactors: SecondFactors {
    SecondFactors(
      store: SecondFactorStore(database: database), keys: settings.secretKeys, logger: logger, clock: clock)
  }

  /// The use cases of the books.
  var bookkeeping: Bookkeeping {
    Bookkeeping(
      entries: EntryStore(database: database, limits: settings.groupLimits),
      balances: BalanceStore(database: database),
      members: MemberStore(database: database, limits: settings.groupLimits),
      categories: CategoryStore(database: database), recurring: RecurringStore(database: database),
      meter: metrics.caches.participants)
  }

  /// Books the entries of rules.
  var recurringBooks: RecurringBooks {
    RecurringBooks(bookkeeping: bookkeeping, cache: cache, logger: logger)
  }

  /// Imports files of other programs.
  var fileImports: FileImports {
    FileImports(
      bookkeeping: bookkeeping, store: ImportStore(database: database), cache: cache, logger: logger)
  }

  /// Runs the background jobs.
  func worker(_ identity: WorkerIdentity = .current()) -> Worker {
    if let healthProblem = converter.healthProblem() {
      logger.error("photos", metadata: ["fault": "\(healthProblem)"])
    }
    let handlers = JobHandlers(
      database: database, passwordResets: passwordResets, emailConfirmations: emailConfirmations,
      notices: AccountNotices(mailer: settings.mail), secondFactors: secondFactors, photos: photos,
      uploads: uploads, converter: converter, recurring: recurringBooks, imports: fileImports,
      logger: logger)
    return Worker(
      identity: identity, jobs: JobStore(database: database), schedules: ScheduleStore(database: database),
      workers: WorkerStore(database: database), notifier: notifier, logger: logger, meters: metrics.jobs,
      handle: handlers.handle)
  }

  /// Closes all connections.
  func close() async {
    do { try await passwords.close() } catch {
      logger.warning("password threads did not stop", metadata: ["error": "\(error)"])
    }
    shares.computations.close()
    await cache?.close()
    await database.close()
    logger.notice("stopped")
  }
}

/// Makes the dependencies, runs `body` with them, and closes them, also after an error.
/// - Parameter isCommand: `true` for a command that runs beside servers.
func withDependencies(
  _ settings: Settings, logger: Logger, isCommand: Bool = false, _ body: (Dependencies) async throws -> Void
) async throws {
  let dependencies = try await Dependencies(settings, logger: logger, isCommand: isCommand)
  do { try await body(dependencies) } catch {
    await dependencies.close()
    throw error
  }
  await dependencies.close()
}

/// Like `withDependencies`, for commands that need data: neither a database nor a file is created.
/// - Throws: `DatabaseNotReady` when there is no data, or it is not up to date.
func withExistingData(
  _ settings: Settings, logger: Logger, _ body: (Dependencies) async throws -> Void
) async throws {
  try DatabaseNotReady.requireFile(of: settings)
  try await withDependencies(settings, logger: logger, isCommand: true) { dependencies in
    try await DatabaseNotReady.requireSchema(of: dependencies.database)
    try await body(dependencies)
  }
}
