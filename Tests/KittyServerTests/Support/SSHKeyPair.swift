import Foundation
import Sodium
import Testing

@testable import KittyServer

/// A key pair that `ssh-keygen` made in a folder of its own, for one test.
final class SSHKeyPair: Sendable {
  private let folder: String
  private var path: String { folder + "/key" }
  /// The line of the public key.
  let line: String

  init(_ arguments: [String] = ["-t", "ed25519"]) async throws {
    folder = NSTemporaryDirectory() + "kitty-ssh-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let made = try await runProgram(
      "/usr/bin/ssh-keygen", ["-q", "-N", "", "-C", "anna@laptop", "-f", folder + "/key"] + arguments)
    try #require(made.status == 0, "\(made.output)")
    line = try String(contentsOfFile: folder + "/key.pub", encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The line of a new key, without its private key.
  static var anyLine: String {
    let key = (0..<32).map { _ in UInt8.random(in: 0...255) }
    let blob = SSHWire.string("ssh-ed25519") + SSHWire.string(key)
    return "ssh-ed25519 \(Data(blob).base64EncodedString())"
  }

  /// The text of the private key.
  func privateText() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// The fingerprint as `ssh-keygen -l` prints it.
  func fingerprint() async throws -> String {
    let printed = try await runProgram("/usr/bin/ssh-keygen", ["-l", "-f", path + ".pub"])
    return String(try #require(printed.output.split(separator: " ").dropFirst().first))
  }

  /// Signs a text.
  func sign(_ message: String, namespace: String = "kittycash", options: [String] = []) async throws -> String
  {
    let file = folder + "/message-" + UUID().uuidString
    try message.write(toFile: file, atomically: true, encoding: .utf8)
    let signed = try await runProgram(
      "/usr/bin/ssh-keygen", ["-q", "-Y", "sign", "-f", path, "-n", namespace] + options + [file])
    try #require(signed.status == 0, "\(signed.output)")
    return try String(contentsOfFile: file + ".sig", encoding: .utf8)
  }
}

/// A security key in software: what `sk-ssh-ed25519@openssh.com` signs.
final class SoftSecurityKey: Sendable {
  private let folder: String
  private let bytes: [UInt8]
  private static let type = "sk-ssh-ed25519@openssh.com"

  init() async throws {
    folder = NSTemporaryDirectory() + "kitty-sk-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for arguments in [
      ["genpkey", "-algorithm", "ed25519", "-out", folder + "/key"],
      ["pkey", "-in", folder + "/key", "-pubout", "-outform", "DER", "-out", folder + "/public"],
    ] {
      let made = try await runProgram("/usr/bin/openssl", arguments)
      try #require(made.status == 0, "\(made.output)")
    }
    bytes = Array(try Data(contentsOf: URL(filePath: folder + "/public")).suffix(32))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private var blob: [UInt8] { SSHWire.string(Self.type) + SSHWire.string(bytes) + SSHWire.string("ssh:") }

  /// The line of the public key.
  var line: String { "\(Self.type) \(Data(blob).base64EncodedString()) anna@key" }

  /// Signs a text.
  /// - Parameter flags: 1 after a touch.
  func sign(_ message: String, flags: UInt8 = 1) async throws -> String {
    let magic = Array("SSHSIG".utf8)
    let head = SSHWire.string("kittycash") + SSHWire.string("") + SSHWire.string("sha256")
    let signed = magic + head + SSHWire.string(SHA256.hash(Array(message.utf8)))
    let counter: [UInt8] = [0, 0, 0, 7]
    let data = SHA256.hash(Array("ssh:".utf8)) + [flags] + counter + SHA256.hash(signed)
    let file = folder + "/data-" + UUID().uuidString
    try Data(data).write(to: URL(filePath: file))
    let made = try await runProgram(
      "/usr/bin/openssl",
      ["pkeyutl", "-sign", "-rawin", "-inkey", folder + "/key", "-in", file, "-out", file + ".sig"])
    try #require(made.status == 0, "\(made.output)")
    let raw = Array(try Data(contentsOf: URL(filePath: file + ".sig")))
    let inner = SSHWire.string(Self.type) + SSHWire.string(raw) + [flags] + counter
    let all = magic + [0, 0, 0, 1] + SSHWire.string(blob) + head + SSHWire.string(inner)
    return "-----BEGIN SSH SIGNATURE-----\n\(Data(all).base64EncodedString())\n-----END SSH SIGNATURE-----\n"
  }
}
