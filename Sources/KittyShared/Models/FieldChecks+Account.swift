/// Checks of the fields of a user account.
extension FieldChecks {
  /// Checks a new password.
  package mutating func newPassword(_ value: String, _ field: String) {
    require(
      (8...256).contains(value.composed.unicodeScalars.count), field, "password_length",
      "Use a password of 8 to 256 characters.")
  }

  /// Checks that a text can be the name of a new account.
  package mutating func newUserName(_ name: String) {
    // By bytes, before anything is made of them: some other letters are "k" or "i" in lower case.
    let allowed = name.utf8.allSatisfy {
      (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || [0x2e, 0x5f, 0x2d].contains($0)
    }
    require(
      allowed && (2...32).contains(name.utf8.count), "name", "not_a_user_name",
      "Use 2 to 32 letters a-z, digits, \".\", \"_\" or \"-\".")
  }

  /// Checks the length of an existing password. The server verifies it.
  package mutating func password(_ value: String, _ field: String) {
    require(
      (1...256).contains(value.composed.unicodeScalars.count), field, "password_length",
      "Write your password, at most 256 characters.")
  }

  /// Checks the length of an existing password that an account without one omits. The server verifies it.
  mutating func currentPassword(_ value: String?, _ field: String) {
    if let value { password(value, field) }
  }

  /// Checks the format of a code or a token.
  package mutating func code(_ value: String?, _ field: String) {
    let isPlain = value.map {
      (1...256).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
    require(
      isPlain ?? true, field, "not_a_code", "Copy the complete code, without spaces: at most 256 characters.")
  }

  /// Checks the format of an e-mail address. Addresses are
  /// those of RFC 5321 without quotes and comments, in ASCII, in a domain with a dot.
  package mutating func email(_ value: String, _ field: String) {
    require(
      Self.isAddress(value), field, "not_an_address",
      "Write an e-mail address like anna@example.org, at most 254 characters of ASCII.")
  }

  private static func isAddress(_ value: String) -> Bool {
    let parts = value.split(separator: "@", omittingEmptySubsequences: false).map(\.utf8)
    guard value.utf8.count <= 254, parts.count == 2 else { return false }
    // The characters of an atom in RFC 5322, besides letters and digits.
    let special = Set("!#$%&'*+/=?^_`{|}~-".utf8)
    let words = parts[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return (1...64).contains(parts[0].count) && labels.count > 1
      && words.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetterOrDigit || special.contains($0) } }
      && labels.allSatisfy { label in
        (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
          && label.last != UInt8(ascii: "-")
          && label.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
      }
  }

  /// Checks the format of a name of the IANA time zone database. The server checks that the zone
  /// exists.
  package mutating func timeZone(_ value: String, _ field: String) {
    let parts = value.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let signs = Set("_+-".utf8)
    let isName =
      value.utf8.count <= 64 && parts.count <= 3
      && (value.utf8.first.map { (0x41...0x5a).contains($0) } ?? false)
      && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetterOrDigit || signs.contains($0) } }
    require(isName, field, "not_a_time_zone", Self.timeZoneHint)
  }

  /// The message for an invalid time zone.
  package static let timeZoneHint =
    "Write a name of the IANA time zone database, such as Europe/Berlin or UTC."
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    (0x61...0x7a).contains(self) || (0x41...0x5a).contains(self) || (0x30...0x39).contains(self)
  }
}
