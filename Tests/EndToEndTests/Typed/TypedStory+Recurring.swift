import TestSupport
import Testing

extension TypedStory {
  static let recurring = TypedStory(
    "recurring",
    [
      "GET /v1/groups/{group}/recurring", "POST /v1/groups/{group}/recurring",
      "GET /v1/groups/{group}/recurring/{rule}", "PATCH /v1/groups/{group}/recurring/{rule}",
      "DELETE /v1/groups/{group}/recurring/{rule}", "GET /v1/groups/{group}/recurring/{rule}/preview",
      "GET /v1/groups/{group}/recurring/{rule}/occurrences",
      "POST /v1/groups/{group}/recurring/{rule}/occurrences/{k}/confirm",
      "POST /v1/groups/{group}/recurring/{rule}/occurrences/{k}/skip",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { anna in
      try await anna.signUp("anna")
      let direct = try await DirectUser(signingIn: "anna", on: deployment)
      try await anna.makeGroup("Flat 12", "Bob")
      try await anna.press("S")
      try await anna.open("Recurring", seeing: "Nothing recurs yet.")
      try await anna.press("n")
      try await anna.see("New rule")
      try await anna.fill("Rent")
      try await anna.press("Enter")
      try await anna.fill("900")
      try await anna.press("C-s")
      // To the first day: over the step and its unit.
      for _ in 0..<2 { try await anna.press("Enter") }
      try await anna.fill("2026-01-31")
      try await anna.see("2026-02-28")
      for _ in 0..<3 { try await anna.press("Enter") }
      try await anna.type("pro")
      try await anna.press("Enter")
      try await anna.press("C-s")
      try await anna.see("is added.", "1 rule.")
      // The worker proposes the days since January.
      _ = try await wait(for: "proposals") {
        try await direct.readGroup("/recurring", ".items[0].proposed > 8") == "true" ? true : nil
      }
      try await anna.press("Enter")
      try await anna.see("proposed", "2026-01-31")
      try await anna.press("c")
      try await anna.see("Booked as #1.")
      try await anna.press("G")
      try await anna.press("Up")
      try await anna.press("s")
      try await anna.agree(to: "Skip 2026-02-28?")
      try await anna.see("Skipped.")
      try await anna.press("q")
      try await anna.see("1 rule.")
      try await anna.press("e")
      try await anna.see("Change rule")
      try await anna.fill("Flat rent")
      try await anna.press("C-s")
      try await anna.see("Change rule: days")
      try await anna.press("C-s")
      try await anna.see("Saved.", "Flat rent")
      try await anna.press("d")
      try await anna.agree(to: "Remove the rule \"Flat rent\"?")
      try await anna.see("Removed.", "Nothing recurs yet.")
      #expect(try await direct.readGroup("/entries", ".items | length") == "1")
      try await anna.press("p")
      try await anna.see("A contribution")
      for _ in 0..<2 { try await anna.press("Tab") }
      try await anna.fill("20")
      try await anna.press("C-s")
      try await anna.press("C-s")
      try await anna.see("Contribution", "1 rule.")
    }
  }
}
