/// Values in the query of an address, as forms send them: a blank is `+` or `%20`, other bytes are `%` and two hexadecimal
/// digits.
package enum QueryText {
  /// Returns a value as it stands in a query, and in a header after `UTF-8''`. Letters, digits, `-`, `.`, `_` and `~`
  /// stay.
  package static func encoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return encoded
  }

  /// Returns the value of a part of a query. A `%` without two hexadecimal digits stays, and bytes that are no UTF-8 become
  /// U+FFFD.
  package static func decoded(_ part: some StringProtocol) -> String {
    let bytes = Array(part.utf8)
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var next = 0
    while next < bytes.count {
      let byte = bytes[next]
      next += 1
      if byte == UInt8(ascii: "+") {
        decoded.append(UInt8(ascii: " "))
      } else if byte == UInt8(ascii: "%"), next + 1 < bytes.count, let high = digit(bytes[next]),
        let low = digit(bytes[next + 1])
      {
        decoded.append(high << 4 | low)
        next += 2
      } else {
        decoded.append(byte)
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// Returns the names and values of a query, in order. A part without `=` has an empty value.
  package static func parameters(of query: some StringProtocol) -> [(name: String, value: String)] {
    query.utf8.split(separator: UInt8(ascii: "&")).map { part in
      let pieces = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let texts = pieces.map { decoded(String(decoding: $0, as: UTF8.self)) }
      return (texts[0], texts.count > 1 ? texts[1] : "")
    }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
