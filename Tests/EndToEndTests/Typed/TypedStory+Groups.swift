import Foundation
import Testing

/// Groups as a whole, with their files, and their members.
extension TypedStory {
  static let groups = TypedStory(
    "groups and files",
    [
      "GET /v1/groups", "POST /v1/groups", "GET /v1/groups/{group}", "PATCH /v1/groups/{group}",
      "DELETE /v1/groups/{group}", "POST /v1/groups/{group}/restore", "GET /v1/groups/{group}/photo",
      "PUT /v1/groups/{group}/photo", "DELETE /v1/groups/{group}/photo", "GET /v1/groups/{group}/export",
      "POST /v1/groups/{group}/import",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { terminal in
      try await terminal.signUp("anna")
      let anna = try await DirectUser(signingIn: "anna", on: deployment)
      try await terminal.makeGroup("Flat 12", "Bob", "Carl")
      try await terminal.addExpense("Dinner", "100.00")
      try await changeSettings(terminal, anna)

      let file = deployment.folder + "/flat.json"
      try await terminal.open("Export to a file", seeing: "Format")
      try await terminal.press("Down")
      try await terminal.submit(file)
      try await terminal.see("\"Flat 13\" is in", "Own entries only")
      #expect(FileManager.default.fileExists(atPath: file))
      try await terminal.press("q")
      try await terminal.see("Balances")
      try await terminal.press("q")
      try await terminal.see("Flat 13", "n new")

      try await terminal.press("I")
      try await terminal.see("A JSON file that KittyCash exported")
      try await terminal.submit(file)
      try await terminal.see("Balances", "Dinner")
      let groups = try await anna.read("/v1/groups", ".items[].id").split(separator: "\n")
      try #require(groups.count == 2)
      var balances: [String] = []
      for group in groups {
        balances.append(
          try await anna.read("/v1/groups/\(group)/balances", "[.balances[] | [.name, .net]] | sort"))
      }
      #expect(balances[0] == balances[1])
      try await terminal.press("q")
      try await terminal.see(" of 2", "you are owed")
      try await endGroups(terminal, anna)
    }
  }

  /// Changes the name, the right to change entries, and the photo.
  private static func changeSettings(_ terminal: TerminalSession, _ anna: DirectUser) async throws {
    try await terminal.press("S")
    try await terminal.open("Name", seeing: "Edit group")
    try await terminal.submit("Flat 13")
    try await terminal.see("Saved.", "Flat 13, in EUR")
    #expect(try await anna.readGroup("", ".name") == "Flat 13")
    try await terminal.open("Own entries only", seeing: "yes: members change only")
    #expect(try await anna.readGroup("", ".ownEntriesOnly") == "true")

    try await terminal.open("Photo", seeing: "File")
    try await terminal.sendPhoto()
    #expect(try await anna.readGroup("", ".photo.width") == "480")
    try await terminal.press("d")
    try await terminal.agree(to: "Take the photo away?")
    try await terminal.see("No photo yet.")
    #expect(try await anna.readGroup("", ".photo") == "null")
    try await terminal.press("q")
    try await terminal.see("Own entries only")
  }

  /// Archives one of two groups, deletes the other one, and restores it.
  private static func endGroups(_ terminal: TerminalSession, _ anna: DirectUser) async throws {
    try await terminal.press("A")
    try await terminal.agree(to: "Archive \"Flat 13\"?")
    try await terminal.see("1 of 1")
    #expect(try await anna.read("/v1/groups?archived=true", ".items | length") == "1")
    try await terminal.press("D")
    try await terminal.agree(to: "Delete \"Flat 13\"?")
    try await terminal.agree(to: "is not settled")
    try await terminal.see("No groups yet.")
    #expect(try await anna.read("/v1/groups", ".items | length") == "0")
    try await terminal.press("v")
    try await terminal.see("Archived groups", "Flat 13")
    try await terminal.press("v")
    try await terminal.see("Deleted groups", "Flat 13")
    try await terminal.press("A")
    try await terminal.agree(to: "Restore \"Flat 13\"?")
    try await terminal.see("No deleted groups.")
    #expect(try await anna.readGroup("/entries", ".items | length") == "1")
  }

  static let members = TypedStory(
    "members and invites",
    [
      "GET /v1/groups/{group}/members", "POST /v1/groups/{group}/members",
      "PATCH /v1/groups/{group}/members/{member}", "DELETE /v1/groups/{group}/members/{member}",
      "GET /v1/groups/{group}/members/{member}/photo", "PUT /v1/groups/{group}/owner",
      "POST /v1/groups/{group}/leave", "GET /v1/groups/{group}/invites", "POST /v1/groups/{group}/invites",
      "DELETE /v1/groups/{group}/invites/{invite}", "POST /v1/invites/lookup", "POST /v1/invites/accept",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { anna in
      try await anna.signUp("anna")
      let direct = try await DirectUser(signingIn: "anna", on: deployment)
      try await anna.makeGroup("Flat 12", "Bob", "Carl")
      try await changeMembers(anna, direct)
      try await anna.press("v")
      try await anna.see("no invites")
      try await anna.press("n")
      try await anna.see("For whom", "new member")
      try await anna.press("Right")
      try await anna.see("‹ Bob ›")
      try await anna.press("C-s")
      let screen = try await anna.see("Send this code to the person", "becomes Bob", "0 of 1 used")
      let code = try #require(screen.firstMatch(of: /[A-Za-z0-9_-]{44}/)).output
      let program =
        #"XDG_STATE_HOME="$DIR/theirs" XDG_CACHE_HOME="$DIR/theirs" "$CLIENT" --server "$KITTY""#
      try await TerminalSession.run(80, 24, on: deployment, program: program) { bob in
        try await bob.signUp("bob")
        try await bob.press("P")
        try await bob.see("File")
        try await bob.sendPhoto()
        try await bob.press("q")
        try await bob.see("No groups yet.")
        try await bob.press("i")
        try await bob.see("Paste the code of your invite")
        try await bob.submit(String(code))
        try await bob.see("anna invites you", "You become Bob")
        try await bob.press("Enter")
        try await bob.see("Balances", "Bob (you)")
      }
      try await handOver(anna)
      let bob = try await DirectUser(signingIn: "bob", on: deployment)
      #expect(try await bob.readGroup("", ".role") == "owner")
      #expect(try await bob.readGroup("/members", "[.items[].name] | sort | join(\",\")") == "Bob,Carla")
      #expect(try await direct.read("/v1/groups", ".items | length") == "0")
    }
  }

  /// Adds a member, changes one and removes one.
  private static func changeMembers(_ anna: TerminalSession, _ direct: DirectUser) async throws {
    try await anna.press("M")
    try await anna.see("3 members.")
    try await anna.press("a")
    try await anna.see("New member")
    try await anna.submit("Dora")
    try await anna.see("is now a member", "4 members.")
    try await anna.select("Carl")
    try await anna.press("e")
    try await anna.see("Edit member")
    try await anna.submit("Carla", "2")
    try await anna.see("Saved.", "Carla", "weight 2")
    let weight = #".items[] | select(.name == "Carla") | .weight"#
    #expect(try await direct.readGroup("/members", weight) == "2")
    try await anna.select("Dora")
    try await anna.press("d")
    try await anna.agree(to: "Remove Dora from")
    try await anna.see("3 members.")
    #expect(try await direct.readGroup("/members", ".items | length") == "3")
  }

  /// Revokes an invite, makes the member who has joined the owner, and leaves.
  private static func handOver(_ anna: TerminalSession) async throws {
    try await anna.press("r")
    try await anna.see("no invites")
    try await anna.press("n")
    try await anna.see("For whom")
    try await anna.press("C-s")
    try await anna.see("for a new member")
    try await anna.press("d")
    try await anna.agree(to: "Revoke the invite")
    try await anna.see("no invites", "Revoked")
    try await anna.press("q")
    try await anna.see("3 members.")
    try await anna.press("r")
    try await wait(for: "Bob as a member with an account", state: anna.screen) {
      let line = try await anna.screen().split(separator: "\n").first { $0.contains("Bob") }
      return line?.contains("member") == true ? () : nil
    }
    try await anna.select("Bob")
    try await anna.press("c")
    try await anna.see("give this role")
    try await anna.open("admin", seeing: "Bob is an admin now.")
    try await anna.press("p")
    try await anna.see("480 × 360 pixels")
    try await anna.press("q")
    try await anna.see("3 members.")
    try await anna.press("o")
    try await anna.agree(to: "Make Bob the owner of")
    try await anna.see("As an admin you can")
    try await anna.press("L")
    try await anna.agree(to: "Leave \"Flat 12\"?")
    try await anna.see("No groups yet.")
  }
}
