/// Properties of the socket of the ssh gateway.
package enum GatewaySocket {
  /// Its path, unless an option says otherwise.
  package static let path = "/run/kittycash-ssh/gateway.sock"
  /// Maximum length of a line in bytes.
  package static let maxLine = 64 << 10
}
