/// A message to the ssh gateway over its socket: a line of JSON.
package enum GatewayMessage: Codable, Hashable, Sendable {
  /// sshd asks whether a key may come in. `program` is the path of the client that sshd shall start.
  case offer(key: String, program: String)
  /// The client uses its ticket. `address` is that of the client of sshd.
  case open(ticket: String, address: String?)
  /// The client, whose account has a second factor, sends the digits of the authenticator app, or a recovery code.
  case code(digits: String)
  /// The client, whose key is unknown, signs up with it.
  case signUp(name: String, displayName: String?, invite: String?)
  /// The client, whose key is unknown, adds it to an account.
  case link(name: String, password: String, code: String?)
}
