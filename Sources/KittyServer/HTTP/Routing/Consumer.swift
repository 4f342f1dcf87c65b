import KittyShared

/// The one who uses a share of the server: a user, or the address of a client that has not signed in.
enum Consumer: Hashable, Sendable {
  case user(ID)
  case address(ClientAddress)
}

extension Call {
  var consumer: Consumer { principal.map { .user($0.user) } ?? .address(context.client.block) }
}
