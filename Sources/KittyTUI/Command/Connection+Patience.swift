import KittyShared

extension Connection {
  /// Returns the connection that waits where the server asks for it, and says so.
  func patient(_ environment: CommandEnvironment) -> Connection {
    var connection = self
    connection.api.patience = Patience {
      environment.printMessage("The server asks to wait: \($0 == 1 ? "1 second" : "\($0) seconds").")
    }
    return connection
  }
}
