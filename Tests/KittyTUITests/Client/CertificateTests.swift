import Foundation
import TestSupport
import Testing

@testable import KittyTUI

/// Certificates of servers: which are trusted, and the words for the others.
@Suite(.enabled(if: TLSServer.missing == nil, "SKIPPED: openssl or python3 is not installed"))
struct CertificateTests {
  /// Runs `kittycash groups` with a server that has a certificate.
  private func groups(
    _ name: String?, in folder: String, _ arguments: [String] = [], _ environment: [String: String] = [:]
  ) async throws -> CommandRun {
    let server = try TLSServer(name, in: folder)
    var stage = CommandRun.Stage(server: "https://127.0.0.1:\(server.port)")
    stage.environment = ["KITTYCASH_TOKEN": "t", "HOME": folder].merging(environment) { $1 }
    let run = try await CommandRun.run(["groups"] + arguments, stage)
    // The server ends with its last use.
    return withExtendedLifetime(server) { run }
  }

  @Test func certificateOfANamedAuthorityIsTrusted() async throws {
    try await withTemporaryFolder { folder in
      try await TLSServer.makeCertificates(in: folder)
      let ca = folder + "/ca.pem"
      let flag = try await groups("good", in: folder, ["--ca", ca])
      #expect(flag.status == .done, "\(flag.errors)")
      for variables in [
        ["KITTYCASH_CA": ca], ["CURL_CA_BUNDLE": ca], ["SSL_CERT_FILE": ca],
        ["SSL_CERT_DIR": folder + "/folder"],
      ] {
        let run = try await groups("good", in: folder, [], variables)
        #expect(run.status == .done, "\(variables): \(run.errors)")
      }
      try FileManager.default.createDirectory(
        atPath: folder + "/.config/kittycash", withIntermediateDirectories: true)
      try "ca = \"~/ca.pem\"\n".write(
        toFile: folder + "/.config/kittycash/config.toml", atomically: true, encoding: .utf8)
      let file = try await groups("good", in: folder)
      #expect(file.status == .done, "\(file.errors)")
      let stage = CommandRun.Stage(environment: ["HOME": folder])
      let info = try await CommandRun.run(["info", "--plain"], stage)
      #expect(info.output.contains("\nauthorities\t\(ca)\n"), "\(info.output)")
      let given = try await CommandRun.run(["info", "--plain", "--ca", "/x.pem"], stage)
      #expect(given.output.contains("\nauthorities\t/x.pem\n"), "\(given.output)")
    }
  }

  @Test func refusedCertificateIsExplained() async throws {
    try await withTemporaryFolder { folder in
      try await TLSServer.makeCertificates(in: folder)
      let ca = ["--ca", folder + "/ca.pem"]
      for (name, arguments, words) in [
        ("good", [], "is not signed by an authority that this machine trusts"),
        ("good", [], "give its certificate with --ca FILE"),
        ("good", ["--ca", folder + "/stranger.pem"], "not signed by an authority in \(folder)/stranger.pem"),
        ("good", ["--ca", folder + "/none.pem"], "(\(folder)/none.pem) cannot be read"),
        ("good", ["--ca", folder + "/good.key"], "are not in PEM format"),
        ("expired", ca, "has expired. The operator must renew it"),
        ("early", ca, "is not valid yet. Check the clock"),
        ("other", ca, "is for another name. Check the address"),
      ] as [(String, [String], String)] {
        let run = try await groups(name, in: folder, arguments)
        #expect(run.status == .unreachable && run.output.isEmpty, "\(name) \(arguments): \(run.errors)")
        #expect(run.errors.contains(words), "\(name) \(arguments): \(run.errors)")
      }
    }
  }

  @Test func serverWithoutTLSIsNamed() async throws {
    let run = try await groups(nil, in: "/nowhere")
    #expect(run.errors.contains("write http:// instead of https://"), "\(run.errors)")
  }
}
