import Hummingbird
import HummingbirdCore
import KittyShared
import NIOCore

extension Dependencies {
  /// Makes the HTTP server.
  /// - Parameter onReady: Called with the port once it listens.
  func buildApplication(onReady: @escaping @Sendable (Int) -> Void = { _ in }) -> some ApplicationProtocol {
    var timeouts = ConnectionGuard.Timeouts()
    timeouts.time = .seconds(Int64(settings.clientTimeout))
    timeouts.mostBytes = max(settings.photoMaxBytes, Receipt.maxBytes) + 4 << 20
    timeouts.mostImportBytes = settings.importMaxBytes + 4 << 20
    let guarded = timeouts
    let liveness = metrics.requests.meter(
      Endpoints.live.route.method.rawValue, Endpoints.live.route.path)
    // A request head has at most 16 KiB. A connection is closed when it is silent for a minute, or when the next head
    // is not complete within that time.
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [
        KeepAliveHandler.Installer(), ContinueHandler(), MalformedRequestHandler(meter: metrics.refusals),
        ConnectionGuard(guarded), DisconnectHandler(),
        LivenessHandler { _, duration in liveness.add(status: 200, duration) },
      ],
      idleTimeout: .seconds(60),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 100))
    return Application(
      router: buildRouter().router, server: .http1(configuration: channel),
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
}
