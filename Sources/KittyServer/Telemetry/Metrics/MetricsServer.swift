import Hummingbird
import HummingbirdCore
import Logging

/// The server of `/metrics`, on a port of its own for monitoring systems.
struct MetricsServer: Sendable {
  let collector: MetricsCollector
  /// Each request queries the database, so few may run at the same time.
  private let limiter = ConcurrencyLimiter(limit: 4)

  init(_ collector: MetricsCollector) { self.collector = collector }

  /// Makes the server.
  /// - Parameter onReady: Called with the port once it listens.
  func application(
    host: String, port: Int, logger: Logger, onReady: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> some ApplicationProtocol {
    let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.get("/metrics") { _, _ in await page() }
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [MalformedRequestHandler()], idleTimeout: .seconds(90))
    return Application(
      router: router, server: .http1(configuration: channel),
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? port
        logger.notice("metrics", metadata: ["host": "\(host)", "port": "\(port)"])
        onReady(port)
      },
      logger: logger)
  }

  private func page() async -> Response {
    guard limiter.tryAcquire() else { return Response(status: .serviceUnavailable) }
    defer { limiter.release() }
    let text = PrometheusText.text(await collector.snapshot().families)
    return Response(
      status: .ok,
      headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
