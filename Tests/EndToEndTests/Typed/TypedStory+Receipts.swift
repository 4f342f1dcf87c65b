import Foundation
import TestSupport
import Testing

extension TypedStory {
  static let receipts = TypedStory(
    "receipts",
    [
      "PUT /v1/groups/{group}/entries/{entry}/receipts/{receipt}",
      "GET /v1/groups/{group}/entries/{entry}/receipts/{receipt}",
      "DELETE /v1/groups/{group}/entries/{entry}/receipts/{receipt}", "GET /v1/groups/{group}/receipts.zip",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { anna in
      try await anna.signUp("anna")
      let direct = try await DirectUser(signingIn: "anna", on: deployment)
      try await anna.makeGroup("Flat 12", "Bob", "Carl")
      try await anna.addExpense("Dinner", "100.00")
      try await anna.press("Enter")
      try await anna.see("History", "100.00")
      try await anna.press("R")
      try await anna.see("No receipts yet.")
      try await anna.press("n")
      try await anna.see("Add a receipt")
      try await anna.fill(Deployment.cat)
      try await anna.press("Enter")
      try await anna.see("The receipt is saved.", "cat.jpg")
      #expect(try await direct.readGroup("/entries/1", ".receipts[0].name") == "cat.jpg")
      try await anna.press("Enter")
      try await anna.see("saves it as it is.")
      try await anna.press("s")
      try await anna.see("Save the receipt")
      try await anna.fill(deployment.folder + "/saved.jpg")
      try await anna.press("Enter")
      try await anna.see("The receipt is in")
      #expect(
        try Data(contentsOf: URL(filePath: deployment.folder + "/saved.jpg"))
          == Data(contentsOf: URL(filePath: Deployment.cat)))
      try await anna.press("q")
      try await anna.see("1 receipt.")

      try await anna.press("d")
      try await anna.agree(to: "Remove the receipt \"cat.jpg\" of #1?")
      try await anna.see("No receipts yet.")
      #expect(try await direct.readGroup("/entries/1", ".receipts") == "null")

      // All receipts of the group are a command.
      try await anna.press("q")
      try await anna.see("History")
      try await anna.press("q")
      try await anna.see("Balances")
      try await anna.press("q")
      try await anna.see("n new")
      try await anna.press("q")
      try await anna.see("ended 0")
      try await anna.type(
        "\"$CLIENT\" --server \"$KITTY\" receipts 'Flat 12' --zip \(deployment.folder)/all.zip; echo left $?")
      try await anna.press("Enter")
      try await anna.see("No entry has a receipt", "left 1")
    }
  }
}
