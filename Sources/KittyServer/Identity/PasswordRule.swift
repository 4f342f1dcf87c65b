import CommonPasswords
import KittyShared

/// The rule for new passwords beyond their length: none that an attacker tries first. Existing passwords are not held to
/// it, so a longer list locks no user out.
enum PasswordRule {
  /// Number of different characters that a password must have.
  private static let variety = 3
  /// Number of characters that a password must have beside the names of its user.
  private static let own = 4

  /// Returns the reason to refuse a new password; `nil` for a good one.
  /// - Parameter field: The field with the password.
  static func error(_ password: String, _ field: String, of user: User) -> FieldError? {
    let key = password.composed.lowercased()
    guard Set(key.unicodeScalars).count >= variety, !CommonPasswords.contains(key) else {
      return FieldError(
        field: field, code: "password_common",
        message:
          "Attackers try this password first: it is one of the most common. Use several words, or a random one."
      )
    }
    let rest = names(of: user).reduce(key) { $0.replacing($1, with: "") }
    guard rest.unicodeScalars.count >= min(own, key.unicodeScalars.count) else {
      return FieldError(
        field: field, code: "password_personal",
        message: "This password is your name or address. Use several words, or a random one.")
    }
    return nil
  }

  /// The names and the address in lower case, the longest first.
  private static func names(of user: User) -> [String] {
    let address = user.email.map { [$0] + $0.split(separator: "@").prefix(1).map(String.init) } ?? []
    return ([user.name, user.displayName] + address).map { $0.composed.lowercased() }
      .filter { $0.unicodeScalars.count > 1 }
      .sorted { $0.utf8.count > $1.utf8.count }
  }
}
