import Glibc
import SystemPackage

/// Stream sockets in the file system, between processes of one machine.
package enum UnixSocket {
  /// Listens at a path. A socket that an ended process has left there is replaced.
  /// - Parameter permissions: The permissions of the file: who may write to it may connect.
  /// - Throws: The error of the system, such as for a path of more than 107 bytes, and `addressInUse` when a process
  ///   listens there.
  package static func listen(at path: String, permissions: FilePermissions) throws(Errno) -> FileDescriptor {
    if let other = try? connect(to: path) {
      try? other.close()
      throw .addressInUse
    }
    let socket = try make()
    do throws(Errno) {
      unlink(path)
      try withAddress(of: path) { bind(socket.rawValue, $0, $1) }
      guard chmod(path, permissions.rawValue) == 0, Glibc.listen(socket.rawValue, 128) == 0 else {
        throw .last
      }
      return socket
    } catch {
      try? socket.close()
      throw error
    }
  }

  /// Connects to a path.
  /// - Throws: The error of the system.
  package static func connect(to path: String) throws(Errno) -> FileDescriptor {
    let socket = try make()
    do throws(Errno) {
      try withAddress(of: path) { Glibc.connect(socket.rawValue, $0, $1) }
      return socket
    } catch {
      try? socket.close()
      throw error
    }
  }

  /// Waits for the next connection. Closing the listener for reading ends the wait.
  /// - Throws: The error of the system.
  package static func accept(on listener: FileDescriptor) throws(Errno) -> FileDescriptor {
    while true {
      let socket = Glibc.accept(listener.rawValue, nil, nil)
      if socket >= 0, fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 { return FileDescriptor(rawValue: socket) }
      let error = Errno.last
      // A client that is gone already is no reason to stop.
      guard error == .interrupted || error == .connectionAbort else { throw error }
    }
  }

  /// Ends the waits of `accept` and of reads, in all threads.
  package static func shutDown(_ socket: FileDescriptor) { shutdown(socket.rawValue, Int32(SHUT_RDWR)) }

  private static func make() throws(Errno) -> FileDescriptor {
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { throw .last }
    return FileDescriptor(rawValue: socket)
  }

  private static func withAddress(
    of path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(Errno) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
      throw .fileNameTooLong
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw .last }
  }
}

/// The process at the other end of a socket in the file system, as the kernel knew it when it connected.
package struct PeerCredentials: Sendable {
  /// Its number.
  package let process: Int32
  /// The user whose rights it had.
  package let user: UserID

  /// - Throws: The error of the system.
  package init(of socket: FileDescriptor) throws(Errno) {
    // `struct ucred`, which glibc declares for programs in C only: pid_t, uid_t, gid_t.
    var credentials: [UInt32] = [0, 0, 0]
    var size = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
    guard getsockopt(socket.rawValue, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { throw .last }
    process = Int32(bitPattern: credentials[0])
    user = UserID(rawValue: credentials[1])
  }
}
