import Glibc

/// Hosts that are this machine.
package enum LoopbackHost {
  /// Returns `true` for `localhost` and names below it (RFC 6761), the addresses of 127.0.0.0/8, and `::1`.
  /// - Parameter host: A name or an address, also one of IPv6 in brackets, without a port.
  package static func contains(_ host: some StringProtocol) -> Bool {
    var name = host.lowercased()
    if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
    // A name may end with the dot of the root.
    let plain = name.hasSuffix(".") ? String(name.dropLast()) : name
    if plain == "localhost" || plain.hasSuffix(".localhost") { return true }
    var four = in_addr()
    if inet_pton(AF_INET, name, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
    var six = in6_addr()
    guard inet_pton(AF_INET6, name, &six) == 1 else { return false }
    return withUnsafeBytes(of: &six) { $0.elementsEqual([UInt8](repeating: 0, count: 15) + [1]) }
  }
}
