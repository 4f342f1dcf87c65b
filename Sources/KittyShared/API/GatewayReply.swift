/// An answer of the ssh gateway: a line of JSON.
package enum GatewayReply: Codable, Sendable {
  /// The key may come in: the line for `AuthorizedKeysCommand`.
  case accepted(line: String)
  /// The key may not come in.
  case refused
  /// The session of the client. It ends with the connection to the gateway.
  case opened(session: Session)
  /// The key is unknown: the client may sign up with it, or add it to an account. `signUp` is `open`, `closed`, or `invite`
  /// when signing up needs a code.
  case welcome(type: String, fingerprint: String, signUp: String)
  /// The message was refused. After `second_factor_needed` and `wrong_code` the client may send a code.
  case problem(problem: Problem)
  /// The session was ended: its key was removed, or the account was disabled.
  case ended
}
