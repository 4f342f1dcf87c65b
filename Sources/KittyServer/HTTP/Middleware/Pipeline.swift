import Hummingbird

/// The middlewares around every request, from the outermost to the innermost. `Routes` adds those that depend on
/// the route.
struct Pipeline: Sendable {
  private let clientAddress: ClientAddressMiddleware
  private let crossOrigin: CrossOrigin
  private let rateLimit: RateLimitMiddleware
  private let errorMapping = ErrorMappingMiddleware()
  private let meters: RequestMeters
  private let publicPath: PublicPathMiddleware

  init(
    limits: Limits, proxies: TrustedProxies, proxySecret: String?, crossOrigin: CrossOrigin,
    meters: RequestMeters, publicURL: String?
  ) {
    clientAddress = ClientAddressMiddleware(proxies: proxies, secret: proxySecret)
    self.crossOrigin = crossOrigin
    rateLimit = RateLimitMiddleware(limits: limits)
    self.meters = meters
    publicPath = PublicPathMiddleware(publicURL: publicURL)
  }

  /// Returns the chain for the requests of one route.
  @MiddlewareFixedTypeBuilder<Request, Response, AppRequestContext>
  func middlewares(
    counting meter: RouteMeter
  ) -> some MiddlewareProtocol<Request, Response, AppRequestContext> {
    RequestIDMiddleware()
    clientAddress
    AccessLogMiddleware()
    RequestMetricsMiddleware(meters: meters, meter: meter)
    ContentTypeOptionsMiddleware()
    publicPath
    CrossOriginMiddleware(crossOrigin: crossOrigin)
    rateLimit
    errorMapping
    OptionsMiddleware(crossOrigin: crossOrigin)
  }
}
