import Foundation
import TestSupport
import Testing

/// The proxy with TLS of docs/operations.md, in front of nginx.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct FrontProxyTests {
  /// Starts the proxy as the manual has it, with ports and paths of the deployment.
  private func startFront(_ deployment: Deployment) async throws {
    let manual = try String(contentsOfFile: Deployment.root + "/docs/operations.md", encoding: .utf8)
    var block = String(try #require(manual.firstMatch(of: #/```nginx\n((?:.|\n)*?)```/#)).1)
    for (original, replacement) in [
      ("listen 443 ssl;", "listen 127.0.0.1:\(deployment.spare) ssl;"),
      ("listen 80;", "listen unix:\(deployment.folder)/plain.sock;"),
      ("http://127.0.0.1:8080;", "http://127.0.0.1:\(deployment.port);"),
      ("/etc/ssl/kitty.pem", "\(deployment.folder)/kitty.pem"),
      ("/etc/ssl/kitty.key", "\(deployment.folder)/kitty.key"),
    ] {
      try #require(block.contains(original), "the manual has no “\(original)”")
      block = block.replacingOccurrences(of: original, with: replacement)
    }
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path front_\($0);" }
    let text = """
      pid front.pid;
      error_log stderr;
      events {}
      http {
      access_log off;
      \(folders.joined(separator: "\n"))
      \(block)
      }
      """
    try text.write(toFile: deployment.folder + "/front.conf", atomically: true, encoding: .utf8)
    _ = try await deployment.curl(
      #"""
      cd "$DIR"
      openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=kitty.example.org -keyout kitty.key -out kitty.pem -days 2 2>/dev/null
      PATH=$PATH:/usr/sbin nginx -p "$DIR" -c "$DIR/front.conf" -e stderr >front.log 2>&1 </dev/null || { cat front.log >&2; exit 1; }
      """#, ["DIR": deployment.folder])
  }

  @Test func clientsBehindTheProxyAreToldApart() async throws {
    let proxies = "127.0.0.1, 192.0.2.0/24,2001:db8::/32"
    try await Deployment.run(settings: ["REAL_IP_FROM": proxies]) { deployment in
      try await startFront(deployment)
      let front = ["FRONT": "https://127.0.0.1:\(deployment.spare)"]
      for address in ["127.0.0.2", "127.0.0.3"] {
        let answer = try await deployment.curl(
          #"""
          curl -sk -D - --interface "$ADDRESS" -H "X-Request-Id: by-$(echo "$ADDRESS" | tr . -)"             -H 'X-Forwarded-For: 192.0.2.66' "$FRONT/v1/me"
          """#,
          front.merging(["ADDRESS": address]) { $1 })
        #expect(answer.contains("401") && answer.lowercased().contains("strict-transport-security: max-age"))
      }
      #expect(try await deployment.client(of: "by-127-0-0-2") == "127.0.0.2")
      #expect(try await deployment.client(of: "by-127-0-0-3") == "127.0.0.3")
      #expect(try deployment.log("access.log").contains(#""client":"127.0.0.3""#))
      // A peer that is not the proxy cannot choose its address.
      _ = try await deployment.curl(
        #"curl -s -o /dev/null --interface 127.0.0.9 -H 'X-Request-Id: direct' -H 'X-Forwarded-For: 192.0.2.66' "$KITTY/v1/me""#
      )
      #expect(try await deployment.client(of: "direct") == "127.0.0.9")
      // A photo passes, and what is too large gets the problem of KittyCash.
      let put = #"head -c "$SIZE" /dev/zero | curl -sk -T - -H 'Expect:' "$FRONT/v1/me/photo""#
      let photo = try await deployment.curl(put, front.merging(["SIZE": "3000000"]) { $1 })
      #expect(photo.contains(#""status":401"#), "\(photo)")
      let large = #"curl -sk -d x -H 'Content-Length: 299000000' -m 5 "$FRONT/v1/users""#
      #expect(try await deployment.curl(large, front).contains("too_large"))
      let plain = #"""
        curl -s -o /dev/null -w '%{http_code} %{redirect_url}' --unix-socket "$DIR/plain.sock"           http://kitty.example.org/v1/me
        """#
      #expect(
        try await deployment.curl(plain, ["DIR": deployment.folder]) == "301 https://kitty.example.org/v1/me")
    }
  }

  @Test func wrongNetworkIsRefusedByName() async throws {
    for wrong in ["kitty.example.org", "10.0.0.0/8;deny all", "proxy:80"] {
      let outcome = try await shell(
        #""$ROOT/nginx/real-ip""#, ["ROOT": Deployment.root, "REAL_IP_FROM": "10.0.0.1,\(wrong)"])
      #expect(!outcome.succeeded && outcome.errors.contains("REAL_IP_FROM: \"\(wrong)\""), "\(outcome)")
    }
    let none = try await shell(#""$ROOT/nginx/real-ip""#, ["ROOT": Deployment.root])
    #expect(none.succeeded && none.output.isEmpty)
    // A name without dots is that of a container; one that does not run has no address.
    let names = try await shell(
      #""$ROOT/nginx/real-ip""#,
      ["ROOT": Deployment.root, "REAL_IP_FROM": "localhost, no-such-container,10.0.0.0/8"])
    #expect(names.succeeded && names.output.contains("set_real_ip_from 127.0.0.1;\n"), "\(names)")
    #expect(names.output.contains("set_real_ip_from 10.0.0.0/8;\n") && !names.output.contains("such"))
  }
}
