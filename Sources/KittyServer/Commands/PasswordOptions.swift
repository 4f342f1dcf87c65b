import ArgumentParser
import KittyShared
import Sodium

/// The options for the source of a password.
struct PasswordOptions: ParsableArguments {
  @Flag(help: "Read the password from the first line of standard input, instead of making a random one.")
  var passwordStdin = false

  /// Reads or makes a password of 8 to 256 characters. A random one must be printed.
  /// - Throws: `NotFoundError` when standard input has no valid password.
  func password() throws -> (text: String, isRandom: Bool) {
    guard passwordStdin else { return (base64URL(try randomBytes(count: 15)), true) }
    let text = readLine(strippingNewline: true) ?? ""
    var checks = FieldChecks()
    checks.newPassword(text, "password")
    guard checks.errors.isEmpty else { throw NotFoundError(description: checks.errors[0].message) }
    return (text, false)
  }
}
