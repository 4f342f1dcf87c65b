import Hummingbird
import KittyShared

extension Dependencies {
  /// Makes the router with all routes: gives each controller its stores and use cases.
  func buildRouter() -> Routes {
    let users = UserStore(database: database)
    let groups = GroupStore(database: database)
    let members = MemberStore(database: database)
    let balances = BalanceStore(database: database)
    let entryStore = EntryStore(database: database)
    let bookkeeping = Bookkeeping(
      entries: entryStore, balances: balances, members: members, meter: metrics.caches.participants)
    let entries = EntryController(entries: entryStore, bookkeeping: bookkeeping)
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
      users: users, sessions: sessions, factors: factors, passwords: passwords, signUpPolicy: signUpPolicy,
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
    ExpenseController(entries: entries, bookkeeping: bookkeeping).register(on: &routes)
    PaymentController(entries: entries, bookkeeping: bookkeeping, balances: balances).register(on: &routes)
    BalanceController(
      balances: balances, members: members, settling: Settling(balances: balances, members: members)
    ).register(on: &routes)
    GroupFileController(
      exports: GroupExport(store: GroupExportStore(database: database)),
      imports: GroupImport(store: GroupImportStore(database: database)), groups: groups,
      files: RequestFiles(uploads: uploads, maxBytes: settings.importMaxBytes)
    ).register(on: &routes)
    PhotoController(
      users: users, groups: groups, members: members, photos: photos, uploads: uploads,
      photoUploads: PhotoUploads(
        store: PhotoConversionStore(database: database), photos: photos, outcomes: converter.outcomes,
        timeout: settings.photoTimeout),
      maxBytes: settings.photoMaxBytes
    ).register(on: &routes)
    HealthController(database: database, cache: cache, photos: photos, uploads: uploads)
      .register(on: &routes)
    ContractController().register(on: &routes)
    routes.registerUnmatched()
    return routes
  }
}
