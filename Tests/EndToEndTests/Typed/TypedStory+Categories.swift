import TestSupport
import Testing

extension TypedStory {
  static let categories = TypedStory(
    "categories",
    [
      "GET /v1/groups/{group}/categories", "POST /v1/groups/{group}/categories",
      "POST /v1/groups/{group}/categories/standard", "PATCH /v1/groups/{group}/categories/{category}",
      "DELETE /v1/groups/{group}/categories/{category}",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { anna in
      try await anna.signUp("anna")
      let direct = try await DirectUser(signingIn: "anna", on: deployment)
      try await anna.makeGroup("Flat 12", "Bob")
      try await anna.press("S")
      try await anna.open("Categories", seeing: "No categories yet.")
      try await anna.press("s")
      try await anna.see("27 categories were added.", "Groceries")
      try await anna.press("n")
      try await anna.see("New category")
      try await anna.submit("Pets")
      try await anna.see("is added.", "28 categories.")
      try await anna.press("Home")
      try await anna.see("Groceries")
      try await anna.select("Groceries")
      try await anna.press("e")
      try await anna.see("Edit category")
      try await anna.submit("Shops")
      try await anna.see("Saved.", "Shops")
      #expect(try await direct.readGroup("/categories", "[.items[].name] | index(\"Groceries\")") == "null")
      try await anna.press("q")
      try await anna.see("Own entries only")
      try await anna.press("q")
      try await anna.see("Balances")
      try await addExpense(anna)
      #expect(try await direct.readGroup("/entries", ".items[0].tags | join(\" \")") == "party")
      try await removeCategory(anna)
      #expect(try await direct.readGroup("/entries", ".items[0].version") == "2")
    }
  }

  /// Enters an expense with a category that is chosen by typing.
  private static func addExpense(_ anna: TerminalSession) async throws {
    try await anna.press("a")
    try await anna.see("New expense", "Category")
    try await anna.fill("Cheese #party")
    try await anna.press("Enter")
    try await anna.fill("18")
    try await anna.press("Enter")
    try await anna.press("Enter")
    try await anna.type("sho")
    try await anna.see("Food › Shops")
    try await anna.press("Enter")
    try await anna.press("C-s")
    try await anna.see("is saved.")
    try await anna.press("Enter")
    try await anna.see("Category: Food › Shops", "#party")
    try await anna.press("q")
  }

  /// Removes the category of the expense, which gets another one.
  private static func removeCategory(_ anna: TerminalSession) async throws {
    try await anna.press("S")
    try await anna.open("Categories", seeing: "28 categories.")
    try await anna.select("Shops")
    try await anna.press("d")
    try await anna.agree(to: "Remove the category \"Shops\"?")
    try await anna.see("Entries have the category")
    try await anna.type("drin")
    try await anna.see("Food › Drinks")
    try await anna.press("Enter")
    try await anna.press("C-s")
    try await anna.see("Removed.", "27 categories.")
  }
}
