import HTTPTypes
import KittyShared

/// The id of a request.
enum RequestID {
  /// - Returns: The id that the client sent if it is a short word of letters, digits and `-`, otherwise a new one.
  static func id(of headers: HTTPFields) -> String {
    guard let sent = headers[.requestID], (1...64).contains(sent.utf8.count) else {
      return ID(at: .now).description
    }
    let isPlain = sent.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return isPlain ? sent : ID(at: .now).description
  }
}
