import Dispatch
import KittyShared

/// The session of a client that sshd has started. Nothing of it is kept on this machine: drafts, settings and what the user
/// has seen are with the account on the server.
struct Kiosk: Sendable {
  let session: Session
  let gateway: GatewayConnection
  /// The address that the user connects to, such as `kitty@pay.example.org`.
  let address: String
  let drafts: any DraftStore
  let files: UserData

  /// - Parameter api: The API with the token of the session.
  init(session: Session, gateway: GatewayConnection, address: String, api: APIClient) {
    self.session = session
    self.gateway = gateway
    self.address = address
    drafts = AccountDrafts(api: api)
    files = UserData(cache: nil, seen: AccountSeen(api: api))
  }

  /// Calls `onEnd` on another thread when the session was ended.
  func watch(_ onEnd: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "ssh gateway").async { [gateway] in
      gateway.waitForEnd()
      onEnd()
    }
  }
}
