import Glibc
import POSIX
import SystemPackage
import Testing

@testable import KittyServer

/// The state of processes in `/proc`, and sockets in the file system.
@Suite struct ProcessStatusTests {
  @Test func stateOfThisProcessIsRead() throws {
    let status = try #require(ProcessStatus(of: CurrentProcess.id))
    #expect(
      status.identity.id == CurrentProcess.id && status.parent == getppid() && status.identity.start > 0)
    let ancestors = ProcessStatus.ancestors(of: CurrentProcess.id)
    #expect(
      ancestors.first?.identity.id == getppid() && !ancestors.contains { $0.identity.id == CurrentProcess.id }
    )
    #expect(ProcessStatus(of: Int32.max) == nil && ProcessStatus.ancestors(of: Int32.max).isEmpty)
  }

  @Test func socketKnowsTheProcessAtItsOtherEnd() throws {
    let path = "/tmp/kitty-\(CurrentProcess.id)-\(UInt32.random(in: 0 ... .max)).sock"
    let listener = try UnixSocket.listen(at: path, permissions: .ownerReadWrite)
    defer {
      try? listener.close()
      unlink(path)
    }
    #expect(throws: Errno.addressInUse) { try UnixSocket.listen(at: path, permissions: .ownerReadWrite) }
    // The first connection is that of the second `listen`.
    try UnixSocket.accept(on: listener).close()
    let client = try UnixSocket.connect(to: path)
    defer { try? client.close() }
    let accepted = try UnixSocket.accept(on: listener)
    defer { try? accepted.close() }
    let peer = try PeerCredentials(of: accepted)
    #expect(peer.process == CurrentProcess.id && peer.user == CurrentProcess.effectiveUser)
    let long = "/tmp/" + String(repeating: "x", count: 120)
    #expect(throws: Errno.fileNameTooLong) { try UnixSocket.listen(at: long, permissions: .ownerReadWrite) }
    #expect(throws: Errno.noSuchFileOrDirectory) { try UnixSocket.connect(to: path + "x") }
  }

  /// A socket that an ended process has left is replaced.
  @Test func leftSocketIsReplaced() throws {
    let path = "/tmp/kitty-\(CurrentProcess.id)-\(UInt32.random(in: 0 ... .max)).sock"
    try UnixSocket.listen(at: path, permissions: .ownerReadWrite).close()
    let listener = try UnixSocket.listen(at: path, permissions: .ownerReadWrite)
    defer {
      try? listener.close()
      unlink(path)
    }
    try UnixSocket.connect(to: path).close()
  }
}
