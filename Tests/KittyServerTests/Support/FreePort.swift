import Foundation

/// Returns a port that is currently free, below the range of ephemeral ports.
func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  for _ in 0..<100 {
    let port = UInt16.random(in: 10_000..<32_000)
    address.sin_port = port.bigEndian
    let isFree = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    if isFree { return Int(port) }
  }
  throw NoFreePort()
}

/// No port is free.
struct NoFreePort: Error {}
