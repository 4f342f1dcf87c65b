import Foundation
import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// Public keys and signatures, as OpenSSH makes them.
struct SSHSignatureTests {
  private static let message = "kittycash sign-in\nhost: kitty.example.org\n"
  static let kinds: [[String]] = [
    ["-t", "ed25519"], ["-t", "ecdsa", "-b", "256"], ["-t", "ecdsa", "-b", "384"],
    ["-t", "ecdsa", "-b", "521"],
    ["-t", "rsa", "-b", "3072"],
  ]

  @Test(arguments: kinds) func signatureOfEachTypeIsRightForItsTextAlone(kind: [String]) async throws {
    let pair = try await SSHKeyPair(kind)
    let (key, comment) = try SSHPublicKey.read(line: pair.line)
    #expect(try await key.fingerprint == pair.fingerprint() && comment == "anna@laptop" && !key.isSecurityKey)
    for options in [[], ["-O", "hashalg=sha256"]] {
      let text = try await pair.sign(Self.message, options: options)
      let signature = try #require(SSHSignature(armored: text))
      #expect(signature.key.blob == key.blob)
      #expect(signature.isRight(for: Self.message, namespace: "kittycash"))
      #expect(!signature.isRight(for: Self.message + " ", namespace: "kittycash"))
      #expect(!signature.isRight(for: Self.message, namespace: "git"))
    }
    let other = try #require(SSHSignature(armored: try await pair.sign(Self.message, namespace: "git")))
    #expect(!other.isRight(for: Self.message, namespace: "kittycash"))
  }

  /// With any bit turned over, the signature is wrong, or no signature any more, or one of another key.
  @Test(arguments: kinds) func changedSignatureIsRefused(kind: [String]) async throws {
    let pair = try await SSHKeyPair(kind)
    let own = try SSHPublicKey.read(line: pair.line).key
    let text = try await pair.sign(Self.message)
    let lines = text.split(separator: "\n")
    let bytes = Array(try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined())))
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1 << (index % 8)
      let armored = "\(lines[0])\n\(Data(changed).base64EncodedString())\n\(lines[lines.count - 1])"
      guard let signature = SSHSignature(armored: armored) else { continue }
      let isRight = signature.isRight(for: Self.message, namespace: "kittycash")
      #expect(!isRight || signature.key.fingerprint != own.fingerprint, "byte \(index)")
    }
    for length in 0..<bytes.count {
      let armored =
        "\(lines[0])\n\(Data(bytes.prefix(length)).base64EncodedString())\n\(lines[lines.count - 1])"
      #expect(SSHSignature(armored: armored) == nil)
    }
  }

  @Test func securityKeyMustBeTouched() async throws {
    let soft = try await SoftSecurityKey()
    let key = try SSHPublicKey.read(line: soft.line).key
    #expect(key.isSecurityKey)
    let touched = try #require(SSHSignature(armored: try await soft.sign(Self.message)))
    #expect(touched.isRight(for: Self.message, namespace: "kittycash"))
    #expect(!touched.isRight(for: Self.message + "x", namespace: "kittycash"))
    let untouched = try #require(SSHSignature(armored: try await soft.sign(Self.message, flags: 0)))
    #expect(!untouched.isRight(for: Self.message, namespace: "kittycash"))
  }

  @Test func textsThatAreNoAcceptedKeyAreRefused() async throws {
    let pair = try await SSHKeyPair()
    let short = try await SSHKeyPair(["-t", "rsa", "-b", "2048"])
    let parts = pair.line.split(separator: " ").map(String.init)
    let point = [UInt8](repeating: 4, count: 65)
    let noPoint = SSHWire.string("ecdsa-sha2-nistp256") + SSHWire.string("nistp256") + SSHWire.string(point)
    let smallExponent =
      SSHWire.string("ssh-rsa") + SSHWire.string([3])
      + SSHWire.string([0] + [UInt8](repeating: 0xff, count: 384))
    func line(_ type: String, _ blob: [UInt8]) -> String { "\(type) \(Data(blob).base64EncodedString())" }
    let cases: [(text: String, code: String)] = [
      ("", "not_a_key"), ("ssh-ed25519", "not_a_key"), ("ssh-ed25519 ====", "not_a_key"),
      (parts[1], "not_a_key"), ("ssh-rsa \(parts[1])", "not_a_key"),
      ("\(parts[0]) \(parts[1].dropLast(8))", "not_a_key"),
      (pair.line + pair.line, "not_a_key"), (try pair.privateText(), "not_a_key"),
      (short.line, "key_too_short"),
      (line("ecdsa-sha2-nistp256", noPoint), "not_a_key"), (line("ssh-rsa", smallExponent), "not_a_key"),
      (line("ssh-dss", SSHWire.string("ssh-dss")), "key_type"),
      (
        line("ssh-ed25519-cert-v01@openssh.com", SSHWire.string("ssh-ed25519-cert-v01@openssh.com")),
        "key_type"
      ),
      ("command=\"sh\" \(pair.line)", "not_a_key"),
    ]
    for (text, code) in cases {
      let failure = #expect(throws: Rejection.self) { try SSHPublicKey.read(line: text) }
      #expect(failure?.errors?.first?.code == code, "\(text.prefix(60))")
    }
  }

  /// A signature of RSA with SHA-1 has the type of the key.
  @Test func oldSignaturesOfRSAAreRefused() async throws {
    let key = try SSHPublicKey.read(line: try await SSHKeyPair(["-t", "rsa", "-b", "3072"]).line).key
    #expect(key.hash(of: "ssh-rsa") == nil && key.hash(of: "rsa-sha2-256") != nil)
    #expect(key.hash(of: "ssh-ed25519") == nil)
  }
}
