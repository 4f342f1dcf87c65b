import FoundationEssentials
import Hummingbird
import KittyShared
import ServiceLifecycle

extension Dependencies {
  /// Makes the router with all routes: gives each controller its stores and use cases.
  func buildRouter() -> Routes {
    let users = UserStore(database: database)
    let groups = GroupStore(database: database, limits: settings.groupLimits)
    let members = MemberStore(database: database, limits: settings.groupLimits)
    let balances = BalanceStore(database: database)
    let entryStore = EntryStore(database: database, limits: settings.groupLimits)
    let categories = CategoryStore(database: database)
    let bookkeeping = self.bookkeeping
    let filters = FilterContextStore(database: database)
    let entries = EntryController(entries: entryStore, bookkeeping: bookkeeping, contexts: filters)
    let tokens = Tokens(store: TokenStore(database: database), cache: cache)
    let factors = secondFactors
    let caller = Reauthentication(
      users: users, sessions: sessions.store, passwords: passwords, limits: limits)
    let authorizer = Authorizer(
      sessions: sessions.store, cache: cache, uses: uses, principals: metrics.caches.principals,
      memberships: metrics.caches.memberships)

    let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
    var routes = Routes(
      router: router,
      pipeline: Pipeline(
        limits: limits, proxies: settings.trustedProxies,
        proxySecret: settings.proxySecret, crossOrigin: settings.crossOrigin,
        meters: metrics.requests, publicURL: settings.publicURL),
      authorizer: authorizer, idempotency: Idempotency(store: IdempotencyStore(database: database)),
      bodies: RequestJSON(memory: shares.bodies), computations: shares.computations, meters: metrics.requests,
      replyMeter: metrics.caches.replies, isOverloaded: { database.isOverloaded })
    UserController(
      users: users, sessions: sessions, passwordSignIn: passwordSignIn, passwords: passwords, caller: caller,
      signUpPolicy: signUpPolicy,
      resets: passwordResets, confirmations: emailConfirmations, limits: limits,
      devices: DeviceTokenStore(database: database)
    ).register(on: &routes)
    SessionController(sessions: sessions, tokens: tokens).register(on: &routes)
    SSHKeyController(
      keys: sshKeys, users: users, factors: factors, caller: caller, limits: limits
    ).register(on: &routes)
    AccountFileController(files: AccountFileStore(database: database)).register(on: &routes)
    SecondFactorController(factors: factors, caller: caller, limits: limits)
      .register(on: &routes)
    GroupController(groups: groups, members: members, users: users).register(on: &routes)
    RecurringController(
      rules: bookkeeping.recurring, bookkeeping: bookkeeping, computations: shares.computations
    ).register(on: &routes)
    CategoryController(categories: categories, bookkeeping: bookkeeping).register(on: &routes)
    MemberController(members: members, groups: groups, balances: balances).register(on: &routes)
    InviteController(
      invites: InviteStore(database: database, limits: settings.groupLimits), groups: groups,
      members: members, cache: cache
    ).register(on: &routes)
    entries.register(on: &routes)
    receiptRoutes(entries, bookkeeping).register(on: &routes)
    ExpenseController(entries: entries, bookkeeping: bookkeeping).register(on: &routes)
    PaymentController(
      entries: entries, bookkeeping: bookkeeping, balances: balances, computations: shares.computations
    ).register(on: &routes)
    registerBalances(on: &routes, balances, members, bookkeeping)
    registerStatistics(on: &routes, balances, filters)
    registerFiles(on: &routes, users, groups)
    photoRoutes(users, groups, members).register(on: &routes)
    uploadAddressRoutes(users, groups, bookkeeping).register(on: &routes)
    HealthController(
      ReadinessChecks(database: database, cache: cache, photos: photos, uploads: uploads, logger: logger)
    ).register(on: &routes)
    WelcomeController(publicURL: settings.publicURL, signUp: settings.signUp).register(on: &routes)
    ContractController().register(on: &routes)
    routes.registerUnmatched()
    return routes
  }

  private func registerBalances(
    on routes: inout Routes, _ balances: BalanceStore, _ members: MemberStore, _ bookkeeping: Bookkeeping
  ) {
    let settling = Settling(balances: balances, members: members)
    BalanceController(
      balances: balances, members: members, settling: settling, computations: shares.computations
    ).register(on: &routes)
    SettlementController(
      rounds: SettlingRounds(
        store: SettlementStore(database: database), settling: settling, bookkeeping: bookkeeping),
      computations: shares.computations
    ).register(on: &routes)
  }

  private func registerStatistics(
    on routes: inout Routes, _ balances: BalanceStore, _ filters: FilterContextStore
  ) {
    let statistics = StatisticsStore(database: database)
    StatisticsController(statistics: statistics, balances: balances, filters: filters).register(on: &routes)
    ChartController(charts: Charts(statistics: statistics, balances: balances), filters: filters)
      .register(on: &routes)
  }

  /// Receives the files of imports.
  private var groupFiles: RequestFiles {
    RequestFiles(uploads: uploads, maxBytes: settings.importMaxBytes, gate: shares.imports)
  }

  private func registerFiles(on routes: inout Routes, _ users: UserStore, _ groups: GroupStore) {
    let store = GroupImportStore(database: database, logger: logger, limits: settings.groupLimits)
    GroupFileController(
      exports: GroupExport(store: GroupExportStore(database: database)),
      imports: GroupImport(store: store, cache: cache), groups: groups,
      files: groupFiles,
      computations: shares.computations, downloads: shares.downloads
    )
    .register(on: &routes)
    AccountExportController(
      exports: PersonalExport(
        users: users, sessions: sessions.store, tokens: TokenStore(database: database),
        keys: SSHKeyStore(database: database), factors: SecondFactorStore(database: database),
        files: AccountFileStore(database: database), memberships: AccountExportStore(database: database),
        entries: GroupExportStore(database: database)),
      computations: shares.computations, downloads: shares.downloads
    ).register(on: &routes)
    ImportController(imports: fileImports, users: users, files: groupFiles, computations: shares.computations)
      .register(on: &routes)
  }

  private func photoRoutes(_ users: UserStore, _ groups: GroupStore, _ members: MemberStore)
    -> PhotoController
  {
    PhotoController(
      users: users, groups: groups, members: members, photos: photos,
      receiver: receiver, photoUploads: photoUploads, maxBytes: settings.photoMaxBytes)
  }

  private func uploadAddressRoutes(
    _ users: UserStore, _ groups: GroupStore, _ bookkeeping: Bookkeeping
  ) -> UploadAddressController {
    UploadAddressController(
      addresses: UploadAddressStore(database: database), users: users, groups: groups,
      bookkeeping: bookkeeping, receiver: receiver, photoUploads: photoUploads,
      photoMaxBytes: settings.photoMaxBytes, cache: cache, publicURL: settings.publicURL)
  }

  private func receiptRoutes(_ entries: EntryController, _ bookkeeping: Bookkeeping) -> ReceiptController {
    ReceiptController(
      entries: entries, bookkeeping: bookkeeping, photos: photos, receiver: receiver,
      photoUploads: photoUploads, downloads: shares.downloads)
  }

  private var receiver: UploadReceiver { UploadReceiver(uploads: uploads, gate: shares.photos) }

  private var photoUploads: PhotoUploads {
    PhotoUploads(
      store: PhotoConversionStore(database: database), photos: photos, timeout: settings.photoTimeout)
  }

  private var passwordSignIn: PasswordSignIn {
    PasswordSignIn(
      users: UserStore(database: database), passwords: passwords, factors: secondFactors)
  }

  /// Makes the server for ssh gateways; `nil` unless the settings ask for it.
  func sshGateway(
    onReady: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> (any Service)? {
    guard let ssh = settings.ssh else { return nil }
    let access = SSHAccess(
      keys: sshKeys, users: UserStore(database: database), factors: secondFactors, signIn: passwordSignIn,
      signUpPolicy: signUpPolicy, limits: limits, welcomesUnknownKeys: ssh.unknownKeys == .welcome)
    return SSHGatewayServer(access, bodies: RequestJSON(memory: shares.bodies), secret: ssh.secret)
      .application(host: settings.host, port: ssh.port, logger: logger, onReady: onReady)
  }

  private var sshKeys: SSHKeys {
    SSHKeys(
      store: SSHKeyStore(database: database), sessions: sessions,
      publicHost: settings.publicURL.flatMap { URLComponents(string: $0)?.host?.lowercased() })
  }
}
