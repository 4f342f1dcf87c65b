import Foundation
import Testing

/// Entries, the kitty, and settling.
extension TypedStory {
  static let entries = TypedStory(
    "entries",
    [
      "GET /v1/groups/{group}/entries", "GET /v1/groups/{group}/entries/{entry}",
      "DELETE /v1/groups/{group}/entries/{entry}", "POST /v1/groups/{group}/entries/{entry}/restore",
      "GET /v1/groups/{group}/entries/{entry}/history", "GET /v1/groups/{group}/entries/{entry}/comments",
      "POST /v1/groups/{group}/entries/{entry}/comments", "POST /v1/groups/{group}/expenses",
      "PATCH /v1/groups/{group}/expenses/{expense}", "POST /v1/groups/{group}/payments",
      "PATCH /v1/groups/{group}/payments/{payment}", "GET /v1/groups/{group}/balances",
      "GET /v1/groups/{group}/accounts/{account}/statement", "GET /v1/me/balances",
      "GET /v1/me/entries",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { terminal in
      try await terminal.signUp("anna")
      let anna = try await DirectUser(signingIn: "anna", on: deployment)
      try await terminal.makeGroup("Flat 12", "Bob", "Carl")
      try await terminal.addExpense("Dinner", "100.00")
      try await changeExpense(terminal, anna)
      try await changePayment(terminal, anna)

      try await terminal.press("Tab")
      try await terminal.see("[1 Balances]")
      try await terminal.press("Enter")
      try await terminal.see("Statement of anna", "Dinner for all")
      try await terminal.press("q")
      try await terminal.see("[1 Balances]")
      try await terminal.press("b")
      try await terminal.see("Day", "Carl")
      try await terminal.press("Escape")
      try await terminal.see("[1 Balances]")

      // The balances over all groups are a command.
      try await terminal.press("q")
      try await terminal.see("n new")
      try await terminal.press("q")
      try await terminal.see("ended 0")
      let net = try #require(Int(try await anna.read("/v1/me/balances", ".groups[0].net")))
      try await terminal.type("\"$CLIENT\" --server \"$KITTY\" balances; echo left $?")
      try await terminal.press("Enter")
      try await terminal.see("Flat 12", String(format: "+%d.%02d EUR", net / 100, net % 100), "left 0")
      // So is a search in all groups.
      try await terminal.type("\"$CLIENT\" --server \"$KITTY\" search 'dinner paid:anna'; echo searched $?")
      try await terminal.press("Enter")
      try await terminal.see("Flat 12", "Dinner for all", "searched 0")
    }
  }

  /// Comments on the expense, changes it, deletes it and restores it.
  private static func changeExpense(_ terminal: TerminalSession, _ anna: DirectUser) async throws {
    try await terminal.press("Enter")
    try await terminal.see("History", "100.00")
    try await terminal.press("c")
    try await terminal.see("Comment")
    try await terminal.submit("Was it three or four?")
    try await terminal.see("History", "Was it three or four?")
    #expect(try await anna.readGroup("/entries/1/comments", ".items[0].text") == "Was it three or four?")
    try await terminal.press("e")
    try await terminal.see("Edit expense")
    try await terminal.submit("Dinner for all")
    try await terminal.see("History", "Dinner for all")
    #expect(try await anna.readGroup("/entries/1", ".description") == "Dinner for all")
    try await terminal.press("d")
    try await terminal.agree(to: "Delete #1 \"Dinner for all\"")
    try await terminal.see("No entries yet.")
    #expect(try await anna.readGroup("/entries/1", ".deletedAt != null") == "true")
    try await terminal.press("u")
    try await terminal.see("[2 Entries]", "Dinner for all")
    #expect(try await anna.readGroup("/entries/1", ".deletedAt") == "null")
  }

  /// Enters a payment, and changes it.
  private static func changePayment(_ terminal: TerminalSession, _ anna: DirectUser) async throws {
    try await terminal.press("y")
    try await terminal.see("New payment")
    try await terminal.press("Right")
    try await terminal.see("‹ Bob ›")
    // The recipient is chosen by typing.
    try await terminal.press("Tab")
    try await terminal.type("ann")
    try await terminal.press("Enter")
    try await terminal.see("‹ anna ›")
    try await terminal.submit("20")
    try await terminal.see("[2 Entries]", "#2", "20.00 EUR")
    #expect(try await anna.readGroup("/payments", ".items[0].amount") == "2000")
    try await terminal.press("Enter")
    try await terminal.see("History", "Bob paid you.")
    try await terminal.press("e")
    try await terminal.see("From", "Amount")
    try await terminal.press("Tab", "Tab")
    try await terminal.submit("33.33")
    try await terminal.see("History", "33.33 EUR")
    #expect(try await anna.readGroup("/payments", ".items[0].amount") == "3333")
    try await terminal.press("q")
    try await terminal.see("[2 Entries]")
  }

  static let kitty = TypedStory(
    "kitty",
    [
      "GET /v1/groups/{group}/kitty", "PUT /v1/groups/{group}/kitty/targets",
      "POST /v1/groups/{group}/kitty/counts",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { terminal in
      try await terminal.signUp("anna")
      let anna = try await DirectUser(signingIn: "anna", on: deployment)
      try await terminal.makeGroup("Boat", "Bob", "Carl")
      try await terminal.press("i")
      try await terminal.see("The kitty is empty.")
      try await terminal.open("anna", seeing: "The total that anna should put")
      try await terminal.submit("50")
      try await terminal.see("50.00", "missing")
      #expect(try await anna.readGroup("/kitty", ".targets[0].target") == "5000")
      try await terminal.press("y")
      try await terminal.see("New payment")
      try await terminal.press("C-s")
      try await terminal.see("The kitty holds 50.00 EUR.", "complete")
      try await terminal.press("t")
      try await terminal.see("Counted")
      try await terminal.submit("48.50")
      try await terminal.see("The kitty holds 48.50 EUR.")
      #expect(try await anna.readGroup("/kitty", ".holds[0].amount") == "4850")
      #expect(try await anna.readGroup("/balances", "[.balances[].net] | add") == "0")
    }
  }

  static let settling = TypedStory(
    "settling",
    [
      "GET /v1/groups/{group}/settlement", "GET /v1/groups/{group}/debts",
      "GET /v1/groups/{group}/statistics",
      "POST /v1/groups/{group}/payments",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { terminal in
      try await terminal.signUp("anna")
      let anna = try await DirectUser(signingIn: "anna", on: deployment)
      try await terminal.makeGroup("Flat 12", "Bob", "Carl")
      try await terminal.addExpense("Dinner", "100.00")
      try await terminal.press("c")
      try await terminal.see("Spent: 100.00 EUR, by month.")
      try await terminal.press("Tab")
      try await terminal.see("Spent: 100.00 EUR, by category.", "No category")
      try await terminal.press("q")
      try await terminal.press("s")
      try await terminal.see("2 payments settle everything")
      try await terminal.press("d")
      try await terminal.see("before any simplification", "Bob", "Carl")
      try await terminal.press("q")
      try await terminal.see("2 payments settle everything")
      try await terminal.press("Space")
      try await terminal.agree(to: "Enter as paid today:")
      try await terminal.see("[x]", "One payment settles everything")
      #expect(try await anna.readGroup("/payments", ".items | length") == "1")
      try await terminal.press("A")
      try await terminal.agree(to: "Enter as paid today:")
      try await terminal.see("Everything is settled")
      #expect(try await anna.readGroup("/payments", ".items | length") == "2")
      #expect(try await anna.readGroup("/balances", "[.balances[] | select(.net != 0)] | length") == "0")
    }
  }
}
