import FoundationEssentials

/// Base64 with `-` and `_`, without padding (RFC 4648 §5). The text of secrets is made by libsodium instead, in
/// constant time.
package enum Base64URL {
  /// Encodes bytes. O(bytes).
  package static func encode(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  /// Decodes a text; `nil` if it is not base64. O(characters).
  package static func decode(_ text: String) -> [UInt8]? {
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
    return Data(base64Encoded: standard + padding).map(Array.init)
  }
}
