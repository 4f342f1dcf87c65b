/// A user name, a password and, if the server asked for it, the code of the second factor.
struct Credentials: Encodable, Sendable {
  var name: String
  var password: String
  var code: String?
}
