import Foundation
import KittyShared
import TestSupport
import Testing

/// The lines of docs/api.md, which has one for every route.
private struct Cookbook {
  let document: Document

  init() throws { document = try Document("docs/api.md") }

  /// A comment that names a route, and the line below it.
  struct Step {
    let action: String
    let line: String
  }

  var steps: [Step] {
    let lines = document.lines.split(separator: "\n").map(String.init)
    return zip(lines, lines.dropFirst()).compactMap { comment, line in
      Self.action(of: comment).map { Step(action: $0, line: line) }
    }
  }

  /// `# GET /v1/me: who am I?` is about `GET /v1/me`.
  static func action(of comment: some StringProtocol) -> String? {
    guard let match = String(comment).wholeMatch(of: /# ([A-Z]+ \/[^ :]*): .+/) else { return nil }
    return String(match.1)
  }

  /// The method and path of the request in a line, with its shell variables.
  static func asked(by line: String) -> (method: String, path: String)? {
    guard let match = line.firstMatch(of: /curl .*?(\$KITTY|\$g|\$copy)((?:\/[^\s"?]*)?)(?=[\s"?)]|$)/)
    else { return nil }
    let path = (match.1 == "$KITTY" ? "" : "/v1/groups/$group") + match.2
    let method =
      line.firstMatch(of: /\ -X ([A-Z]+)/).map { String($0.1) }
      ?? ([" --json ", " --data-binary "].contains(where: line.contains)
        ? "POST" : line.contains(" -T ") ? "PUT" : "GET")
    return (method, String(path))
  }

  /// The route of a request.
  static func route(_ method: String, _ path: String, isHole: (Substring) -> Bool = { _ in true }) -> Route? {
    let asked = path.split(separator: "/")
    return Endpoints.all.first { route in
      let parts = route.path.split(separator: "/")
      return route.method.rawValue == method && parts.count == asked.count
        && zip(parts, asked).allSatisfy { part, there in
          part.hasPrefix("{") ? isHole(there) : part == there
        }
    }
  }

  /// All blocks in the order of the document, with the name of each route before its output. The line of the crontab
  /// runs with the small environment of cron.
  var script: String {
    document.blocks(["sh", "crontab"]).map { block in
      guard block.language == "sh" else {
        let command = block.text.split(separator: " ", maxSplits: 5).last.map(String.init) ?? ""
        let quoted = command.replacingOccurrences(of: "'", with: #"'\''"#)
        return #"env -i HOME="$HOME" PATH=/usr/bin:/bin /bin/sh -c '\#(quoted)'"#
      }
      return block.text.split(separator: "\n").map { line in
        Self.action(of: line).map { "echo; echo '== \($0)'\n\(line)" } ?? String(line)
      }.joined(separator: "\n")
    }.joined(separator: "\n")
  }
}

/// The cookbook: a line for every route, and all lines executed.
@Suite struct CookbookTests {
  @Test func cookbookHasALineForEveryRoute() throws {
    let named = Set(try Cookbook().steps.map(\.action))
    let routes = Set(Endpoints.all.map { "\($0.method.rawValue) \($0.path)" })
    #expect(routes.subtracting(named).isEmpty, "docs/api.md has no line for these routes")
    #expect(named.subtracting(routes).isEmpty, "docs/api.md has lines for unknown routes")
  }

  @Test func cookbookLinesMatchTheirTitles() throws {
    for step in try Cookbook().steps {
      let asked = try #require(Cookbook.asked(by: step.line), "\(step.line)")
      let route = Cookbook.route(asked.method, asked.path) { part in
        part.hasPrefix("$") || part == "kitty" || Int(part) != nil || part.hasSuffix(".svg")
      }
      #expect(route.map { "\($0.method.rawValue) \($0.path)" } == step.action, "\(step.line)")
    }
  }

  @Test(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment))
  func cookbookLinesWorkInOrder() async throws {
    let cookbook = try Cookbook()
    let sink = try SMTPSink()
    defer { sink.stop() }
    let settings = [
      "SMTP_URL": sink.url, "SMTP_FROM": "kitty@example.org", "PUBLIC_URL": "https://kitty.example.org",
    ]
    try await Deployment.run(settings: settings) { deployment in
      let home = deployment.folder + "/home"
      let mail = home + "/mail"
      async let mailed: Void = Self.passOn(sink, to: mail)
      let script = Document.script(cookbook.script, on: deployment)
      // The first token is the one that confirms the address, the second one that of the password.
      let parts = script.components(separatedBy: "read -r mailed")
      try #require(parts.count == 3)
      let lines = parts[0] + Self.read(mail: 1) + parts[1] + Self.read(mail: 2) + parts[2]
      let printed = try await deployment.curl(
        #"mkdir -p "$HOME" && cd "$HOME" && exec bash -euo pipefail -c "$SCRIPT""#,
        ["HOME": home, "MAIL": mail, "SCRIPT": lines])
      try await mailed
      try check(printed)
      try await checkRequests(deployment)
      try await checkFiles(deployment, home)
    }
  }

  /// Reads the token from a mail, in place of a user who types it.
  private static func read(mail number: Int) -> String {
    """
    for _ in $(seq 600); do [ ! -s "${MAIL}\(number)" ] || break; sleep 0.1; done; read -r mailed < "${MAIL}\(number)"
    """
  }

  /// Writes the token of the mail that confirms the address into a file, then that of the mail for the password.
  private static func passOn(_ sink: SMTPSink, to file: String) async throws {
    for (number, line) in [(1, "/v1/me/email/confirmation"), (2, "/v1/password ")] {
      let token = try await wait(for: "mail \(number)") {
        sink.messages.first { $0.text.contains(line) }?.text.firstMatch(of: /Token:   (\S+)/)
          .map { String($0.1) }
      }
      try "\(token)\n".write(toFile: file + "\(number)", atomically: true, encoding: .utf8)
    }
  }

  /// Checks the important parts of the output.
  private func check(_ printed: String) throws {
    var parts: [String: String] = [:]
    for part in ("\n" + printed).components(separatedBy: "\n== ").dropFirst() {
      let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      parts[String(lines[0]), default: ""] += lines.count > 1 ? lines[1] + "\n" : ""
    }
    let group = "/v1/groups/{group}"
    for (action, text) in [
      ("PATCH /v1/me", #""email":"anna@example.org""#), ("PUT /v1/me/photo", #""width":480"#),
      ("PUT /v1/me/password", #""endedSessions":0"#), ("GET /v1/me/sessions", "old laptop"),
      ("GET /v1/me/second-factor", #""enabled":true"#),
      ("GET /v1/me/second-factor", #""recoveryCodesLeft":10"#),
      ("POST /v1/me/tokens", "anna"), ("GET /v1/me/tokens/{token}", #""name":"my script""#),
      ("PATCH \(group)", #""name":"Flat 12""#), ("PATCH \(group)/members/{member}", #""name":"Carlo""#),
      ("POST /v1/invites/accept", "viewer"), ("PATCH \(group)/members/{member}", "admin"),
      ("POST \(group)/expenses", #""method":"items""#), ("POST \(group)/expenses", #""amount":-1500"#),
      ("POST \(group)/expenses", #""booked":{"amount":4960,"currency":"EUR"}"#),
      ("PATCH \(group)/expenses/{expense}", #""amount":10200"#),
      ("GET \(group)/entries/{entry}/history", "restored"),
      ("GET \(group)/entries/{entry}/comments", "Really?"),
      ("PATCH \(group)/payments/{payment}", #""note":"in cash""#),
      ("POST \(group)/kitty/counts", #""counted":2950"#),
      ("GET \(group)/entries", "Bread"),
      ("POST \(group)/import", "Flat 12"),
      ("POST \(group)/import", "stale"), ("POST \(group)/import", "Dinner at Luigi's: 4250 EUR"),
      ("POST \(group)/restore", "Flat 12"), ("GET /health/ready", #""database":"ok""#),
    ] {
      let part = try #require(parts[action], "\(action) in \(printed)")
      #expect(part.contains(text), "\(action): \(part)")
    }
    let balances = try #require(parts["GET \(group)/balances"])
    let nets = balances.split(separator: "\n").compactMap {
      Int64($0.split(separator: "\t").dropFirst().first ?? "")
    }
    #expect(nets.count >= 4 && nets.reduce(0, +) == 0 && nets.contains { $0 != 0 }, "\(balances)")
    // The pages contain every item once, and the repeated request was applied once.
    let scripts = try #require(parts["POST \(group)/import"])
    let numbers = (1...19).filter { ![2, 11].contains($0) }.map(String.init).joined(separator: " ")
    #expect(scripts.contains("\n\(numbers)\n"), "\(scripts)")
    #expect(scripts.contains(/\n(\d+)\n\1\n/), "\(scripts)")
  }

  /// Checks in the log that every route was requested and succeeded.
  private func checkRequests(_ deployment: Deployment) async throws {
    struct Line: Decodable {
      let method: String
      let path: String
      let status: Int
    }
    let log = try String(contentsOfFile: deployment.folder + "/access.log", encoding: .utf8)
    let lines = try log.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    let done = Set(lines.filter { $0.status < 300 }.compactMap { Cookbook.route($0.method, $0.path) })
    // The worker proposes an entry on its day, which the lines do not wait for; RecurringTests answer proposals.
    let proposals: Set<Route> = [Endpoints.confirmOccurrence.route, Endpoints.skipOccurrence.route]
    let missing = Set(Endpoints.all).subtracting(done).subtracting(proposals).map {
      "\($0.method.rawValue) \($0.path)"
    }
    #expect(missing.isEmpty)
    // The only other refused request is the documented one.
    let refused = lines.filter { line in
      line.status >= 300
        && !(Cookbook.route(line.method, line.path).map(proposals.contains) ?? false)
    }
    #expect(refused.map(\.status) == [412])
  }

  /// Checks the files that the lines created.
  private func checkFiles(_ deployment: Deployment, _ home: String) async throws {
    let output = try await deployment.curl(
      #"""
      cd "$HOME"
      stat -c %a .kitty-export
      jq -c '[.name, (.entries | length > 10)]' flat.json
      for f in me.jpg flat.jpg; do head -c 3 $f | od -An -tx1; done
      head -c 2 anna.ppm; echo
      tail -n +2 flat.csv | grep -c Dinner
      hledger -f flat.journal balance --flat -N | tail -1
      cmp openapi.yaml "$ROOT/docs/openapi.yaml" && echo same
      """#, ["HOME": home, "ROOT": Deployment.root])
    #expect(
      output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.prefix(5)
        == ["600", #"["Flat 12",true]"#, "ff d8 ff", "ff d8 ff", "P6"], "\(output)")
    #expect(output.hasSuffix("same"), "\(output)")
  }
}
