import Sodium
import Testing

struct SodiumTests {
  @Test func passwordHashVerifiesOnlyItsPassword() throws {
    let hash = try Password.hash("correct horse")
    #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
    #expect(try Password.verify("correct horse", hash: hash))
    for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
      #expect(try !Password.verify(wrong, hash: hash))
    }
    #expect(try Password.hash("correct horse") != hash)
    #expect(try !Password.verify("x", hash: "not a hash"))
    #expect(try Password.verify("Zoë 井上", hash: Password.hash("Zoë 井上")))
  }

  @Test func hashOfAnotherCostIsOutdated() throws {
    #expect(try !Password.needsRehash(Password.hash("x")))
    let cheap = try Password.hash("x", cost: .init(memory: 64 * 1024, passes: 1))
    #expect(Password.needsRehash(cheap))
    #expect(try Password.verify("x", hash: cheap))
    #expect(Password.needsRehash("not a hash"))
  }

  @Test func sha256MatchesFIPS180() {
    // FIPS 180-2, appendix B.
    #expect(
      hex(SHA256.hash(Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(hex(SHA256.hash([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    var parts = SHA256()
    parts.update(Array("a".utf8))
    parts.update(Array("bc".utf8))
    #expect(parts.finish() == SHA256.hash(Array("abc".utf8)))
  }

  @Test func hexAndBase64URLAreEncoded() throws {
    #expect(base64URL([0xfb, 0xff, 0xfe]) == "-__-")
    #expect(base64URL([]) == "")
    #expect(hex([0, 15, 255]) == "000fff")
    #expect(bytes(hex: "000fff") == [0, 15, 255] && bytes(hex: "") == [])
    for wrong in ["0", "000", "0g", "00 ", " 00"] { #expect(bytes(hex: wrong) == nil, "\(wrong)") }
    let random = try (0..<100).map { _ in try randomBytes(count: 32) }
    #expect(Set(random).count == 100 && random.allSatisfy { $0.count == 32 })
  }
}
