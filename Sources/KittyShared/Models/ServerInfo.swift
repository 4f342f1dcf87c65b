/// The description of a server for programs.
package struct ServerInfo: Codable, Hashable, Sendable {
  /// The name of the program.
  package let name: String
  /// The server's version. It is no secret here: the contract of each server tells it too.
  package let version: String
  /// The address for clients; `nil` when neither the settings nor the request name one.
  package let address: String?
  /// The setting for signing up: `open`, `closed` or `invite`.
  package let signUp: String
  /// The path of the contract.
  package let contract: String

  package init(name: String, version: String, address: String?, signUp: String, contract: String) {
    self.name = name
    self.version = version
    self.address = address
    self.signUp = signUp
    self.contract = contract
  }
}
