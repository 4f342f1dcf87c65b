import Glibc

/// Takes the next connection of a listening socket, which programs that a test starts do not inherit.
/// - Returns: The connection; a negative number when the socket was shut down.
package func acceptedConnection(on listener: Int32) -> Int32 {
  let connection = accept(listener, nil, nil)
  if connection >= 0 { _ = fcntl(connection, F_SETFD, FD_CLOEXEC) }
  return connection
}
