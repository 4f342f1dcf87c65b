import KittyShared
import OpenSSL
import Sodium
import Testing

@testable import KittyServer

struct TOTPTests {
  private let totp = TOTP(key: Array("12345678901234567890".utf8))

  /// RFC 6238, appendix B, for SHA-1; six digits are the last six of eight.
  @Test(
    arguments: [
      (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
      (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
    ] as [(Int64, String)])
  func codesMatchRFC6238(seconds: Int64, code: String) throws {
    let instant = Instant(milliseconds: seconds * 1000)
    #expect(try totp.code(at: TOTP.step(at: instant)) == String(code.suffix(6)))
  }

  /// RFC 4226, appendix D.
  @Test func counterCodesMatchRFC4226() throws {
    let codes = [
      "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
    ]
    #expect(try (0..<10).map { try totp.code(at: $0) } == codes)
  }

  /// RFC 2202, cases 1, 2 and 6.
  @Test func hmacMatchesRFC2202() {
    let cases: [(key: [UInt8], message: String, code: String)] = [
      (Array(repeating: 0x0b, count: 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
      (Array("Jefe".utf8), "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
      (
        Array(repeating: 0xaa, count: 80), "Test Using Larger Than Block-Size Key - Hash Key First",
        "aa4ae5e15272d00e95705637ce8a3b55ed402112"
      ),
    ]
    for (key, message, code) in cases {
      #expect(HMACSHA1.code(for: Array(message.utf8), key: key).map(hex) == code)
    }
  }

  @Test func codeOfNeighbouringStepIsAccepted() throws {
    let now = Instant(milliseconds: 1_700_000_000_000)
    let present = TOTP.step(at: now)
    for step in present - 3...present + 3 {
      let found = try totp.step(of: totp.code(at: step), at: now)
      #expect(found == ((present - 1...present + 1).contains(step) ? step : nil))
    }
  }

  @Test func codeWithoutSixDigitsIsRefused() throws {
    let now = Instant(milliseconds: 1_700_000_000_000)
    let code = try totp.code(at: TOTP.step(at: now))
    for wrong in ["", String(code.dropLast()), code + "0", "0" + code, " " + code] {
      #expect(try totp.step(of: wrong, at: now) == nil)
    }
  }

  /// RFC 4648, section 10, without padding.
  @Test func base32MatchesRFC4648() {
    let texts = ["": "", "f": "MY", "fo": "MZXQ", "foo": "MZXW6", "foob": "MZXW6YQ", "fooba": "MZXW6YTB"]
    for (text, code) in texts { #expect(base32(Array(text.utf8)) == code) }
    #expect(base32(Array("foobar".utf8)) == "MZXW6YTBOI")
    #expect(base32([0xff, 0xff, 0xff, 0xff, 0xff]) == "77777777")
  }

  @Test func uriNamesSecretAndIssuer() {
    #expect(
      totp.uri(user: "anna")
        == "otpauth://totp/KittyCash:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=KittyCash&algorithm=SHA1&digits=6&period=30"
    )
  }
}
