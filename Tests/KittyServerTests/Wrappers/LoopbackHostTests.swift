import POSIX
import Testing

/// The hosts that are this machine.
struct LoopbackHostTests {
  @Test(arguments: [
    "localhost", "LOCALHOST", "localhost.", "kitty.localhost", "127.0.0.1", "127.255.0.9", "::1", "[::1]",
    "0:0:0:0:0:0:0:1",
  ])
  func thisMachine(host: String) { #expect(LoopbackHost.contains(host)) }

  @Test(arguments: [
    "127.example.com", "localhost.evil.example", "notlocalhost", "127.0.0.1.example.org", "128.0.0.1", "::2",
    "",
    "[::1", "127.0.0.1:80", "example.org",
  ])
  func otherMachine(host: String) { #expect(!LoopbackHost.contains(host)) }
}
