import FoundationEssentials
import Hummingbird
import HummingbirdCore
import KittyShared
import Logging
import NIOCore
import Postgres
import Redis
import ServiceLifecycle

/// The dependencies of a running server, made from its settings and put together here and nowhere else.
struct Dependencies: Sendable {
  let settings: Settings
  let logger: Logger
  let database: any Database
  /// The same, to be copied as a backupDatabase.
  let backupDatabase: any BackupDatabase
  /// `nil` where other copies of the server may write to the database without a word to this one.
  let cache: (any CacheInvalidation)?
  let photos: any PhotoStorage
  let uploads: Uploads
  let passwords: Passwords
  let uses: LastUsedTracker
  /// What time it is for sessions and one-time codes.
  let clock: @Sendable () -> Instant
  let converter: PhotoConverterProcess
  let limits: Limits
  /// Wakes the worker of this process.
  let notifier: JobNotifier
  let metrics = Metrics()
  /// What the database has to do just now.
  private let load: @Sendable () -> [DatabaseLoad]

  init(
    _ settings: Settings, logger: Logger, converter: PhotoConverterProcess? = nil,
    clock: @escaping @Sendable () -> Instant = { .now }
  ) async throws {
    self.clock = clock
    self.converter = try converter ?? .beside()
    self.settings = settings
    self.logger = logger
    uploads = try Uploads(dataFolder: settings.dataFolder)
    if let place = settings.photos {
      photos = S3Bucket(place.place, place.profile, maxBytes: settings.photoMaxBytes)
    } else {
      photos = try PhotoFolder(dataFolder: settings.dataFolder)
    }
    let raw: any BackupDatabase
    if let url = settings.databaseURL {
      let postgres = PostgresDatabase(url: url) { message in
        logger.notice("postgres", metadata: ["state": "\(message)"])
      }
      load = postgres.load
      raw = postgres
    } else {
      let sqlite = try SQLiteDatabase(path: settings.dataFolder + "/kittycash.sqlite")
      load = sqlite.load
      raw = sqlite
    }
    backupDatabase = raw
    let database = MeasuredDatabase(database: raw, meter: metrics.database)
    let notifier = JobNotifier()
    self.notifier = notifier
    var notify: @Sendable () -> Void = { notifier.notify() }
    if let url = settings.redisURL {
      let redis = try RedisInvalidation(url: url) { message in
        logger.notice("redis", metadata: ["state": "\(message)"])
      }
      cache = redis
      limits = Limits(settings.limits, redis: redis.client)
      if settings.worker == .separate {
        let signal = RedisJobNotifier(redis.client)
        notify = { signal.notify() }
      }
    } else {
      cache = settings.databaseURL == nil ? InProcessInvalidation() : nil
      limits = Limits(settings.limits, redis: nil)
    }
    self.database = ClaimingDatabase(database: JobNotifyingDatabase(database: database, notify: notify))
    passwords = try Passwords()
    uses = LastUsedTracker(database: database, logger: logger)
  }

  /// Brings the schema up to date.
  @discardableResult func migrate() async throws -> [Int] {
    let applied = try await database.migrate(Migration.all)
    for version in applied { logger.notice("migrated", metadata: ["version": "\(version)"]) }
    return applied
  }

  /// Sign-ins, and what ends them.
  var sessions: Sessions {
    Sessions(store: SessionStore(database: database), cache: cache, clock: { .now })
  }

  /// Who may sign up.
  var admission: Admission {
    Admission(
      policy: settings.signUp, invites: SignUpInviteStore(database: database),
      groupInvites: InviteStore(database: database))
  }

  /// Mails about forgotten passwords.
  private var passwordResets: PasswordResets {
    PasswordResets(store: PasswordResetStore(database: database), postbox: settings.mail)
  }

  /// Every route with its handler.
  func routes() -> Routes {
    let users = UserStore(database: database)
    let groups = GroupStore(database: database)
    let members = MemberStore(database: database)
    let balances = BalanceStore(database: database)
    let entries = EntryController(
      entries: EntryStore(database: database), balances: balances, members: members,
      meter: metrics.caches.participants)
    let tokens = Tokens(store: TokenStore(database: database), cache: cache)
    let factors = SecondFactors(store: SecondFactorStore(database: database), clock: clock)
    let authorizer = Authorizer(
      sessions: sessions.store, cache: cache, uses: uses, principals: metrics.caches.principals,
      memberships: metrics.caches.memberships)

    let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
    var routes = Routes(
      router: router,
      pipeline: Pipeline(
        limits: limits, proxies: settings.trustedProxies, crossOrigin: settings.crossOrigin,
        meters: metrics.requests),
      authorizer: authorizer, idempotency: Idempotency(store: IdempotencyStore(database: database)),
      meters: metrics.requests, replyMeter: metrics.caches.replies, isOverloaded: { database.isOverloaded })
    UserController(
      users: users, sessions: sessions, factors: factors, passwords: passwords, admission: admission,
      resets: passwordResets, limits: limits
    ).register(on: &routes)
    SessionController(sessions: sessions, tokens: tokens).register(on: &routes)
    SecondFactorController(factors: factors, users: users, passwords: passwords, limits: limits)
      .register(on: &routes)
    GroupController(groups: groups, members: members, users: users).register(on: &routes)
    MemberController(members: members, groups: groups, balances: balances).register(on: &routes)
    InviteController(
      invites: InviteStore(database: database), groups: groups, members: members, cache: cache
    ).register(on: &routes)
    entries.register(on: &routes)
    ExpenseController(entries: entries).register(on: &routes)
    PaymentController(entries: entries, balances: balances, members: members).register(on: &routes)
    BalanceController(balances: balances, members: members).register(on: &routes)
    GroupFileController(imports: GroupImportStore(database: database), groups: groups).register(on: &routes)
    PhotoController(
      users: users, groups: groups, members: members, photos: photos, uploads: uploads,
      conversions: PhotoUploads(
        store: PhotoConversionStore(database: database), photos: photos, outcomes: converter.outcomes,
        timeout: settings.photoPatience),
      maxBytes: settings.photoMaxBytes
    ).register(on: &routes)
    HealthController(database: database, cache: cache, photos: photos, uploads: uploads)
      .register(on: &routes)
    ContractController().register(on: &routes)
    routes.registerUnmatched()
    return routes
  }

  /// The HTTP server.
  /// - Parameter onReady: Called with the port once it listens.
  func application(onReady: @escaping @Sendable (Int) -> Void = { _ in }) -> some ApplicationProtocol {
    var timeout = ConnectionGuard.Timeouts()
    timeout.time = .seconds(Int64(settings.clientTimeout))
    timeout.mostBytes = max(settings.photoMaxBytes, RequestJSON.maxImportBytes) + 4 << 20
    let guarded = timeout
    // A request head has at most 16 KiB; a connection that is silent for a minute is closed, and one on which
    // the next head does not come as a backupDatabase in that time.
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ContinueHandler(), MalformedRequestHandler(), ConnectionGuard(guarded)],
      idleTimeout: .seconds(60),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 100))
    return Application(
      router: routes().router, server: .http1(configuration: channel),
      configuration: .init(
        address: .hostname(settings.host, port: settings.port), serverName: nil,
        availableConnectionsDelegate: .maximum(FileDescriptorLimit.connections, logger: logger)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? settings.port
        logger.notice("listening", metadata: ["host": "\(settings.host)", "port": "\(port)"])
        onReady(port)
      },
      logger: logger)
  }

  /// What tells all that can be measured of this process.
  /// - Parameter program: `kittycash-server` or `kittycash-worker`.
  func collector(of program: String, log: LogOutput = LogOutput()) -> MetricsCollector {
    MetricsCollector(
      program: program, metrics: metrics, load: load, database: database,
      databaseKind: settings.databaseURL == nil ? "sqlite" : "postgres", redis: cache as? RedisInvalidation,
      photos: converter.outcomes, log: log)
  }

  /// What shows metrics as the settings ask for it. They come first, so that they are stopped last.
  func monitors(of program: String, _ log: LogOutput) -> [ServiceGroupConfiguration.ServiceConfiguration] {
    let collector = collector(of: program, log: log)
    var monitors: [ServiceGroupConfiguration.ServiceConfiguration] = []
    if let port = settings.metrics.port {
      let page = MetricsServer(collector).application(
        host: settings.metrics.host ?? settings.host, port: port, logger: logger)
      monitors.append(.init(service: page))
    }
    if settings.metrics.isEmbedded {
      let lines = CloudWatchMetrics(
        collector: collector, namespace: settings.metrics.namespace, output: log)
      monitors.append(.init(service: lines))
    }
    return monitors
  }

  /// What does the jobs.
  func worker(_ identity: WorkerIdentity = .current()) -> Worker {
    if let healthProblem = converter.healthProblem() {
      logger.error("photos", metadata: ["fault": "\(healthProblem)"])
    }
    let chores = JobHandlers(
      database: database, resets: passwordResets, photos: photos, uploads: uploads, converter: converter,
      logger: logger)
    return Worker(
      identity: identity, jobs: JobStore(database: database), schedules: ScheduleStore(database: database),
      workers: WorkerStore(database: database), notifier: notifier, logger: logger, meters: metrics.jobs,
      work: chores.perform)
  }

  /// Runs `body` with the dependencies for a command that writes no log, and lets go of them whatever happens.
  static func run(_ settings: Settings, _ body: (Dependencies) async throws -> Void) async throws {
    let dependencies = try await Dependencies(
      settings, logger: Logger(label: "kittycash-server") { _ in SwiftLogNoOpLogHandler() })
    do { try await body(dependencies) } catch {
      await dependencies.close()
      throw error
    }
    await dependencies.close()
  }

  /// Lets go of everything.
  func close() async {
    do { try await passwords.close() } catch {
      logger.warning("password threads did not stop", metadata: ["error": "\(error)"])
    }
    await cache?.close()
    await database.close()
    logger.notice("stopped")
  }
}
