import Foundation
import Testing

/// The client in a terminal, through nginx on PostgreSQL and Redis.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct TerminalStoryTests {
  @Test func userSharesDinnerInTheTerminal() async throws {
    try await Deployment.run { deployment in
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        try await terminal.signUp("anna")
        try await terminal.makeGroup("Flat 12", "Bob", "Carl")
        try await terminal.addExpense("Dinner", "100.00")
        try await terminal.see("owed", "#1", "Dinner", "100.00 EUR")

        // The screen and curl show the same amounts to the cent.
        let balances = try await deployment.balances(of: "anna")
        #expect(balances.values.reduce(0, +) == 0)
        #expect(balances.values.sorted().map(abs).reduce(0, +) == abs(balances["anna"] ?? 0) * 2)
        #expect([6666, 6667].contains(balances["anna"]))
        try await terminal.shows(balances)

        // A photo, drawn in cells.
        try await terminal.press("p")
        try await terminal.see("Photo")
        try await terminal.press("c")
        try await terminal.see("File")
        try await terminal.press("C-u")
        try await terminal.type(String(Deployment.cat.dropLast(2)))
        try await terminal.press("Tab")
        try await terminal.see("cat.jpg")
        try await terminal.press("Enter")
        let photo = try await terminal.see("480 × 360 pixels", "removed")
        #expect(photo.filter { "▀▄█▌▐▘▝▖▗▚▞".contains($0) }.count > 100)
        let bytes = try await deployment.curl(
          Session.signIn
            + #"curl -sSf -H "$auth" "$KITTY/v1/groups/$(first_group)/photo" | grep -aci -e exif -e gps -e camera || true"#,
          ["NAME": "anna"])
        #expect(bytes == "0")

        // A narrow window shows the same numbers.
        try await terminal.press("q")
        try await terminal.see("Balances")
        try await terminal.resize(40, 15)
        try await terminal.see("Balances", "Dinner")
        try await terminal.shows(balances)
        try await terminal.press("q")
        try await terminal.see("Flat 12")
        try await terminal.press("q")
        try await terminal.see("ended 0")
      }
      // The session is stored: the next start needs no password, also in a small window.
      try await TerminalSession.run(40, 15, on: deployment) { terminal in
        try await terminal.see("Flat 12")
        try await terminal.press("Enter")
        try await terminal.see("Dinner")
        try await terminal.shows(try await deployment.balances(of: "anna"))
      }
    }
  }

  @Test func invitedUserJoinsGroupInTheTerminal() async throws {
    try await Deployment.run { deployment in
      try await TerminalSession.run(80, 24, on: deployment) { anna in
        try await anna.signUp("anna")
        try await anna.makeGroup("Flat 12", "Bob", "Carl")
        try await anna.addExpense("Dinner", "100.00")
        try await anna.press("v")
        try await anna.see("Press n")
        try await anna.press("n")
        try await anna.see("For whom", "new member")
        try await anna.press("Right")
        try await anna.see("‹ Bob ›")
        try await anna.press("C-s")
        let screen = try await anna.see("Send this code to the person", "becomes Bob", "0 of 1 used")
        let code = try #require(screen.firstMatch(of: /[A-Za-z0-9_-]{44}/)).output
        // Another user, in another terminal with another session.
        let program =
          #"XDG_STATE_HOME="$DIR/theirs" XDG_CACHE_HOME="$DIR/theirs" "$CLIENT" --server "$KITTY""#
        try await TerminalSession.run(40, 15, on: deployment, program: program) { bob in
          try await bob.signUp("bob")
          try await bob.press("i")
          try await bob.see("Code")
          try await bob.type(String(code.dropLast()) + "!")
          try await bob.press("Enter")
          try await bob.see("no invite with this code")
          try await bob.press("BSpace")
          try await bob.type(String(code.suffix(1)))
          try await bob.press("Enter")
          try await bob.see("Flat 12", "anna invites you", "You become Bob", "Press Enter to join")
          try await bob.press("Enter")
          try await bob.see("Balances", "Dinner", "Bob (you)")
          try await bob.shows(try await deployment.balances(of: "anna"))
        }
        // The invite is used up; a second one is created and withdrawn.
        try await anna.press("r")
        try await anna.see("no invites")
        try await anna.press("n")
        try await anna.see("For whom")
        try await anna.press("C-s")
        try await anna.see("for a new member")
        try await anna.press("d")
        try await anna.see("Revoke the invite")
        try await anna.press("y")
        try await anna.see("no invites", "Revoked")
      }
    }
  }

  @Test func clientRecoversFromStoppedServer() async throws {
    try await Deployment.run { deployment in
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        try await terminal.signUp("anna")
        try await terminal.makeGroup("Flat 12", "Bob", "Carl")
        try await deployment.stopServer()
        try await terminal.press("r")
        try await terminal.see("Offline")
        // The text typed while the server is down is kept, and saved when it is back.
        try await terminal.press("a")
        try await terminal.see("New expense")
        try await terminal.type("Dinner")
        try await terminal.press("Tab")
        try await terminal.type("100.00")
        try await terminal.press("C-s")
        try await terminal.see("New expense", "Dinner", "100.00")
        try await deployment.startServer()
        try await wait(for: "the expense", state: terminal.screen) {
          let screen = try await terminal.screen()
          if screen.contains("#1"), screen.contains("Balances") { return () }
          if screen.contains("New expense"), !screen.contains("Working") { try await terminal.press("C-s") }
          try await Task.sleep(for: .milliseconds(200))
          return nil
        }
        let balances = try await deployment.balances(of: "anna")
        #expect(balances.count == 3 && balances.values.reduce(0, +) == 0)
        try await terminal.shows(balances)
      }
    }
  }

  @Test func killedClientLeavesDataUnchanged() async throws {
    try await Deployment.run { deployment in
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        try await terminal.signUp("anna")
        try await terminal.makeGroup("Flat 12", "Bob", "Carl")
        try await terminal.addExpense("Dinner", "100.00")
        let before = try await deployment.balances(of: "anna")
        try await terminal.press("a")
        try await terminal.see("New expense")
        try await terminal.type("Half typed")
        try await terminal.waitForDraft()
        try await terminal.signal("KILL")
        try await terminal.see("ended 137")
        #expect(try await deployment.balances(of: "anna") == before)
      }
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        // What was typed is offered; it goes only when its user says so.
        try await terminal.see("You have an unsaved expense in Flat 12")
        try await terminal.press("q")
        try await terminal.see("new")
        try await terminal.press("Enter")
        try await terminal.see("Dinner")
        try await terminal.shows(try await deployment.balances(of: "anna"))
      }
    }
  }

  /// A trap of Swift is an illegal instruction: SIGILL.
  @Test(arguments: [("ILL", 132), ("TERM", 143), ("HUP", 129)])
  func terminalIsRestoredAfterSignal(signal: String, code: Int) async throws {
    try await Deployment.run { deployment in
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        try await terminal.see("Sign in", "Password")
        #expect(try await terminal.coreLimit() == "0", "a core file would have what was typed")
        try await terminal.signal(signal)
        let screen = try await terminal.see("ended \(code)")
        #expect(!screen.contains("Password"), "the screen of the client is still visible:\n\(screen)")
        try await terminal.type("stty -a >\"$DIR/stty.after\"; echo typed$((40+2))")
        try await terminal.press("Enter")
        // The terminal echoes the typed line and shows its output.
        try await terminal.see("echo typed$((40+2))", "typed42")
        let before = try String(contentsOfFile: deployment.folder + "/stty.before", encoding: .utf8)
        #expect(try String(contentsOfFile: deployment.folder + "/stty.after", encoding: .utf8) == before)
      }
    }
  }
}

/// A shell script that signs a user in.
enum Session {
  static let signIn = #"""
    set -e
    token=$(curl -sSf "$KITTY/v1/sessions" --json "{\"name\": \"$NAME\", \"password\": \"a long password\"}" | jq -r .token)
    auth="Authorization: Bearer $token"
    first_group() { curl -sSf -H "$auth" "$KITTY/v1/groups" | jq -r '.items[0].id'; }

    """#
}

extension Deployment {
  /// The net balances of the first group in minor units, by name of the member, read with curl.
  func balances(of name: String) async throws -> [String: Int] {
    let lines = try await curl(
      Session.signIn
        + #"curl -sSf -H "$auth" "$KITTY/v1/groups/$(first_group)/balances" | jq -r '.balances[] | "\(.name)\t\(.net)"'"#,
      ["NAME": name])
    return Dictionary(
      uniqueKeysWithValues: lines.split(separator: "\n").map { line in
        let parts = line.split(separator: "\t")
        return (String(parts[0]), Int(parts[1]) ?? .min)
      })
  }
}

extension TerminalSession {
  func signUp(_ name: String) async throws {
    try await see("Sign in", "Password")
    try await press("C-t")
    try await see("Sign up")
    try await type(name)
    try await press("Tab")
    try await type("a long password")
    try await press("Enter")
    try await see("Groups", "new")
  }

  /// Creates a group, opens it, and adds guests.
  func makeGroup(_ name: String, _ guests: String...) async throws {
    try await press("n")
    try await see("New group")
    try await type(name)
    try await press("C-s")
    try await wait(for: "the group", state: screen) {
      let screen = try await screen()
      if screen.contains("Balances") { return () }
      if !screen.contains("New group"), screen.contains(name) { try await press("Enter") }
      return nil
    }
    for guest in guests {
      try await press("m")
      try await see("New member")
      try await type(guest)
      try await press("C-s")
      // In the list, not only in the toast: the forms take the members from the list.
      try await shows([guest: 0])
      try await see("Balances")
    }
  }

  func addExpense(
    _ description: String, _ amount: String, shares: [String] = ["33.33", "33.34"]
  ) async throws {
    try await press("a")
    try await see("New expense")
    try await type(description)
    try await press("Tab")
    try await type(amount)
    for share in shares { try await see(share) }
    try await press("C-s")
    try await see("Balances", "#1", description)
  }

  /// Waits until the line of each member has the given amount.
  func shows(_ balances: [String: Int]) async throws {
    let wanted = balances.mapValues { net in
      String(format: "%@%d.%02d EUR", net < 0 ? "-" : net > 0 ? "+" : "", abs(net) / 100, abs(net) % 100)
    }
    try await wait(for: "\(wanted)", state: screen) {
      let lines = try await screen().split(separator: "\n")
      let isShown = wanted.allSatisfy { name, amount in
        lines.contains { $0.contains(name) && $0.contains(amount) }
      }
      return isShown ? () : nil
    }
  }
}
