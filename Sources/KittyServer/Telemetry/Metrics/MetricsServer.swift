import Hummingbird
import HummingbirdCore
import Logging

/// `/metrics`, on a port of its own that is for monitors alone.
struct MetricsServer: Sendable {
  let collector: MetricsCollector
  /// Each asks the database, so there are few at once.
  private let waiting = ConcurrencyLimiter(limit: 4)

  init(_ collector: MetricsCollector) { self.collector = collector }

  /// The server of the page.
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
    guard waiting.enter() else { return Response(status: .serviceUnavailable) }
    defer { waiting.leave() }
    let text = MetricFamily.text(await collector.snapshot().families)
    return Response(
      status: .ok,
      headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
