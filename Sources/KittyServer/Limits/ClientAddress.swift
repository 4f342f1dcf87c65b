import FoundationEssentials
import NIOCore
import POSIX

/// The address of a client: an IPv6 address, or an IPv4 address in its IPv6 form.
struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
  fileprivate let high: UInt64
  fileprivate let low: UInt64

  /// The middle bits of the IPv6 form of an IPv4 address.
  private static let mapped: UInt64 = 0xffff
  /// The value for a client whose address is unknown.
  static let unknown = ClientAddress(high: 0, low: 0)

  private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// - Returns: `nil` for a socket without an internet address, such as one in the file system.
  init?(_ socket: SocketAddress?) {
    switch socket {
    case .v4(let address):
      self.init(v4: UInt32(bigEndian: address.address.sin_addr.s_addr))
    case .v6(let address):
      let bits = IPv6Bits(address.address.sin6_addr)
      self.init(high: bits.high, low: bits.low)
    default: return nil
    }
  }

  private init(v4 bits: UInt32) { self.init(high: 0, low: Self.mapped << 32 | UInt64(bits)) }

  /// Parses an address as people write it.
  init?(_ text: some StringProtocol) {
    guard let socket = try? SocketAddress(ipAddress: String(text), port: 0) else { return nil }
    self.init(socket)
  }

  /// `true` for an IPv4 address.
  var isV4: Bool { high == 0 && low >> 32 == Self.mapped }

  /// `true` for an address of this machine: `127.0.0.0/8` or `::1`.
  var isLoopback: Bool { isV4 ? low >> 24 & 255 == 127 : high == 0 && low == 1 }

  /// The smallest block that a provider gives to one customer, who can use any address in it: an IPv4 address, or 64
  /// bits of an IPv6 one.
  var block: ClientAddress { isV4 ? self : ClientAddress(high: high, low: 0) }

  /// The address as people write it.
  var description: String {
    if isV4 { return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)" }
    var bytes = ByteBuffer()
    bytes.writeInteger(high)
    bytes.writeInteger(low)
    return (try? SocketAddress(packedIPAddress: bytes, port: 0))?.ipAddress ?? "?"
  }
}

/// A range of addresses that begin with the same bits.
struct AddressRange: Hashable, Sendable {
  private let start: ClientAddress
  private let highMask: UInt64
  private let lowMask: UInt64

  /// Parses a single address, or a range such as `10.0.0.0/8` or `fd00::/8`.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let start = ClientAddress(first) else { return nil }
    let most = start.isV4 ? 32 : 128
    guard let length = parts.count == 1 ? most : Int(parts[1]), (0...most).contains(length) else {
      return nil
    }
    let bits = length + 128 - most
    self.start = start
    // In Swift, a shift by the whole width gives zero.
    highMask = bits >= 64 ? .max : .max << (64 - bits)
    lowMask = bits <= 64 ? 0 : .max << (128 - bits)
  }

  /// Returns `true` for an address in the range.
  func contains(_ address: ClientAddress) -> Bool {
    (address.high ^ start.high) & highMask == 0 && (address.low ^ start.low) & lowMask == 0
  }
}

/// The proxies whose `X-Forwarded-For` is trusted.
struct TrustedProxies: Hashable, Sendable {
  private let ranges: [AddressRange]
  /// The setting that trusts no proxy.
  static let none = TrustedProxies(ranges: [])

  private init(ranges: [AddressRange]) { self.ranges = ranges }

  /// Parses addresses and ranges, separated by commas or blanks.
  /// - Returns: `nil` when one of them is not valid.
  init?(_ text: String) {
    var ranges: [AddressRange] = []
    for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
      guard let range = AddressRange(part) else { return nil }
      ranges.append(range)
    }
    self.ranges = ranges
  }

  /// `true` when no proxy is trusted.
  var isEmpty: Bool { ranges.isEmpty }

  /// Returns `true` for the address of a trusted proxy.
  func trusts(_ address: ClientAddress) -> Bool { ranges.contains { $0.contains(address) } }

  /// Returns the address of the client: the peer, or behind a trusted proxy the rightmost address in `X-Forwarded-For`
  /// that is not a trusted proxy. Addresses further left may be made up.
  /// - Parameter forwarded: The values of the header, line by line.
  func client(peer: ClientAddress, forwarded: @autoclosure () -> [String]) -> ClientAddress {
    guard !ranges.isEmpty, trusts(peer) else { return peer }
    var client = peer
    // By bytes: a character before a comma, chosen by the client, can be one `Character` with it.
    let hops = forwarded().flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }.map { Substring($0) }
    for hop in hops.reversed() {
      guard let address = ClientAddress(Self.withoutPort(hop)) else { break }
      client = address
      guard trusts(address) else { break }
    }
    return client
  }

  /// Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`.
  private static func withoutPort(_ hop: Substring) -> Substring {
    let text = hop.drop { $0 == " " }.prefix { $0 != " " }
    if text.hasPrefix("[") { return text.dropFirst().prefix { $0 != "]" } }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? parts[0] : text
  }
}
