/// A user name, a password and, if the server asked for it, the code of the second factor; and the token of this device,
/// if an earlier sign-in gave one.
struct Credentials: Encodable, Sendable {
  var name: String
  var password: String
  var code: String?
  var deviceToken: String?
}
