import Testing

@testable import KittyServer

struct ClientAddressTests {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0:0::1", "2001:db8::1"),
    ("::1", "::1"),
  ]) func addressIsReadAndWritten(text: String, written: String) throws {
    #expect(try #require(ClientAddress(text)).description == written)
  }

  @Test(arguments: ["", "unknown", "1.2.3", "1.2.3.4.5", "1.2.3.256", "::g", "_hidden", "1.2.3.4/8"])
  func invalidAddressIsRejected(text: String) { #expect(ClientAddress(text) == nil) }

  @Test func blockOfIPv6IsItsFirst64Bits() throws {
    func block(_ text: String) throws -> ClientAddress { try #require(ClientAddress(text)).block }
    #expect(try block("2001:db8:1:2:3:4:5:6") == block("2001:db8:1:2::"))
    #expect(try block("2001:db8:1:2::1") != block("2001:db8:1:3::1"))
    #expect(try block("192.0.2.1") != block("192.0.2.2"))
    #expect(try block("192.0.2.1") == block("::ffff:192.0.2.1"))
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.1", "10.0.0.1", true),
    ("10.0.0.1", "10.0.0.2", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
    ("fd00::/8", "fdff::1", true), ("fd00::/8", "fc00::1", false), ("2001:db8::/64", "2001:db8::9:1", true),
    ("2001:db8::/64", "2001:db8:0:1::1", false), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
    ("::/0", "203.0.113.9", true), ("172.16.0.0/12", "172.31.9.9", true),
    ("172.16.0.0/12", "172.32.0.1", false), ("2001:db8::1", "2001:db8::1", true),
    ("2001:db8::1", "2001:db8::2", false),
  ]) func rangeContainsAddressesWithItsPrefix(range: String, address: String, isIn: Bool) throws {
    #expect(try #require(AddressRange(range)).contains(#require(ClientAddress(address))) == isIn)
  }

  @Test(arguments: [
    "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0.0/", "::/129", "nginx", "10.0.0.0/8/8",
  ])
  func invalidRangeIsRejected(text: String) { #expect(TrustedProxies(text) == nil) }

  /// The peer, the lines of X-Forwarded-For, and the client when 10.0.0.0/8 and fd00::/8 are trusted.
  @Test(arguments: [
    ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"),
    ("10.0.0.1", [], "10.0.0.1"),
    ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
    ("10.0.0.1", ["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
    ("10.0.0.1", ["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
    ("10.0.0.1", ["6.6.6.6, 1.1.1.1, 10.0.0.7"], "1.1.1.1"),
    ("10.0.0.1", ["10.0.0.6, 10.0.0.7"], "10.0.0.6"),
    ("10.0.0.1", ["6.6.6.6, nonsense"], "10.0.0.1"),
    ("10.0.0.1", ["6.6.6.6, nonsense, 10.0.0.7"], "10.0.0.7"),
    ("10.0.0.1", ["6.6.6.6,,1.1.1.1:80 "], "1.1.1.1"),
    ("fd00::1", ["[2001:db8::5]:443"], "2001:db8::5"),
    ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
    ("10.0.0.1", [""], "10.0.0.1"),
    // One Character with the comma behind it.
    ("10.0.0.1", ["6.6.6.6 \u{600}, 1.1.1.1"], "1.1.1.1"),
  ]) func clientIsTheRightmostUntrustedAddress(peer: String, lines: [String], client: String) throws {
    let proxies = try #require(TrustedProxies("10.0.0.0/8, fd00::/8"))
    #expect(
      proxies.client(peer: try #require(ClientAddress(peer)), forwarded: lines) == ClientAddress(client))
  }

  @Test func noProxyIsTrustedByDefault() throws {
    let peer = try #require(ClientAddress("127.0.0.1"))
    #expect(TrustedProxies.none.client(peer: peer, forwarded: ["1.1.1.1"]) == peer)
  }
}
