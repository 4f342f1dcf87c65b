import HTTPTypes
import Hummingbird

extension Request {
  /// The token of `Authorization: Bearer …`, not yet checked; `nil` without a well-formed one.
  var bearerToken: String? {
    guard let header = headers[.authorization] else { return nil }
    // Compared as bytes, because every request comes through here.
    let scheme = "bearer ".utf8
    guard header.utf8.count <= 300,
      zip(header.utf8, scheme).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 }),
      let start = header.utf8.index(header.startIndex, offsetBy: scheme.count, limitedBy: header.endIndex)
    else { return nil }
    let token = header[start...].utf8.drop { $0 == UInt8(ascii: " ") }
    guard !token.isEmpty, token.count <= 256, !token.contains(UInt8(ascii: " ")) else { return nil }
    return String(Substring(token))
  }
}
