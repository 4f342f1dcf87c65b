import NIOCore
import NIOHTTPTypes

/// Tells the request that is being answered that its client went away, so that work whose result no client will read can
/// end. A client that has closed its half of the connection counts as gone too: TCP shows no difference.
final class DisconnectHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  /// Called once the client is gone.
  private var action: (@Sendable () -> Void)?
  private var isGone = false

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { leave() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  private func leave() {
    isGone = true
    action?()
    action = nil
  }

  /// Calls `action` when the client of the current request goes away, at once if it is gone; `nil` ends that.
  static func set(_ action: (@Sendable () -> Void)?, on channel: any Channel) {
    channel.eventLoop.execute {
      // A channel that was closed has no handlers any more.
      guard let handler = try? channel.pipeline.syncOperations.handler(type: Self.self) else {
        action?()
        return
      }
      handler.action = handler.isGone ? nil : action
      if handler.isGone { action?() }
    }
  }
}
