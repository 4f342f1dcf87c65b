import TestSupport
import Testing

extension TypedStory {
  static let rounds = TypedStory(
    "settling rounds",
    [
      "GET /v1/groups/{group}/settlements", "POST /v1/groups/{group}/settlements",
      "POST /v1/groups/{group}/settlements/{settlement}/payments/{number}",
      "DELETE /v1/groups/{group}/settlements/{settlement}",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { anna in
      try await anna.signUp("anna")
      let direct = try await DirectUser(signingIn: "anna", on: deployment)
      try await anna.makeGroup("Flat 12", "Bob")
      try await anna.addExpense("Dinner", "60.00", shares: ["30.00"])
      try await anna.press("s")
      try await anna.see("One payment settles everything")
      try await anna.press("R")
      try await anna.see("There is no settling round.")
      try await anna.press("n")
      try await anna.agree(to: "Begin a settling round")
      try await anna.see("1 of 1 payments are open.")
      try await anna.press("Space")
      try await anna.agree(to: "Book as paid today")
      try await anna.see("the round is complete.", "[x]")
      #expect(try await direct.readGroup("/settlements", ".items[0].payments[0].state") == "paid")
      try await anna.press("E")
      try await anna.agree(to: "End the round?")
      try await anna.see("The latest round has ended.")
    }
  }
}
