import Hummingbird
import KittyShared

extension Call {
  /// Reads the version that `If-Match` names; `nil` for `*`.
  /// - Throws: `Problem` 428 when the header is missing and required, 400 when it is not a version.
  func version(required: Bool) throws(Problem) -> Int64? {
    guard let header = request.headers[.ifMatch] else {
      guard !required else {
        throw Problem(
          428, "if_match_needed", "Say which version you change",
          "Send If-Match with the ETag that you read, such as If-Match: \"3\", or If-Match: * for any.")
      }
      return nil
    }
    let tag = header.trimmed
    if tag == "*" { return nil }
    let isQuoted = tag.count > 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"")
    // A shell removes quotes, and a bare number is not ambiguous.
    let digits = isQuoted ? String(tag.dropFirst().dropLast()) : tag
    if let version = Int64(canonical: digits) { return version }
    throw Problem(
      400, "bad_if_match", "If-Match cannot be understood",
      tag.hasPrefix("W/")
        ? "A weak ETag such as W/\"3\" does not name one version. Send the ETag that you read, such as If-Match: \"3\"."
        : "Send one ETag that you read, such as If-Match: \"3\", or If-Match: * for any.")
  }
}
