import Foundation
import TestSupport
import Testing

extension TypedStory {
  /// Files of another program become a group on the screen and by a command, and are taken back in both ways.
  static let imports = TypedStory(
    "imports",
    [
      "POST /v1/imports", "POST /v1/groups/{group}/imports", "GET /v1/groups/{group}/imports",
      "DELETE /v1/groups/{group}/imports/{import}", "GET /v1/me/export",
    ]
  ) { deployment, _ in
    let file = deployment.folder + "/flatshare.csv"
    try
      "Date,Description,Category,Cost,Currency,Mira,Jonas\n\n2026-01-03,Rent,Rent,1200.00,EUR,800.00,-800.00\n"
      .write(toFile: file, atomically: true, encoding: .utf8)
    try await TerminalSession.run(100, 40, on: deployment) { anna in
      try await anna.signUp("anna")
      let direct = try await DirectUser(signingIn: "anna", on: deployment)
      try await onTheScreen(anna, direct, file)
      try await anna.press("q")
      try await anna.see("ended 0")
      let client = "\"$CLIENT\" --server \"$KITTY\""
      try await anna.type("clear; \(client) import \(file) --group flat --map Mira=me; echo left $?")
      try await anna.press("Enter")
      try await anna.see("Read as Splitwise", "Imported 1 expense and 0 payments.", "800.00 EUR", "left 0")
      try await anna.type("clear; \(client) imports flat; echo left $?")
      try await anna.press("Enter")
      try await anna.see("File of", "Splitwise", "left 0")
      try await anna.type("clear; \(client) imports flat --undo last; \(client) groups; echo left $?")
      try await anna.press("Enter")
      try await anna.see("Undone: 1 entry of Splitwise.", "settled", "left 0")
      let all = deployment.folder + "/all"
      try await anna.type("clear; \(client) export --all \(all); echo left $?")
      try await anna.press("Enter")
      try await anna.see("account.json", "left 0")
      #expect(FileManager.default.fileExists(atPath: all + "/account.json"))
      // A folder with an account is imported as its groups alone, and a file compressed as it is.
      let line = "gzip -k \(all)/flatshare/books.json; for f in \(all) \(all)/flatshare/books.json.gz"
      try await anna.type("clear; \(line); do \(client) import $f; done; echo left $?")
      try await anna.press("Enter")
      try await anna.see("Imported flatshare with 0 receipts.", "Imported flatshare.", "left 0")
    }
  }

  /// Imports the file as a new group, undoes it, and imports a table with open readings into the same group.
  private static func onTheScreen(
    _ anna: TerminalSession, _ direct: DirectUser, _ file: String
  ) async throws {
    try await anna.press("I")
    try await anna.see("Enter read the file")
    try await anna.fill(file)
    try await anna.press("Enter")
    try await anna.see("Would import 1 expense", "Are you one of them?", "+800.00 EUR", "Read as Splitwise")
    for query in ["", "?deleted=true"] {
      #expect(try await direct.read("/v1/groups\(query)", ".items | length") == "0")
    }
    try await anna.open("Mira", seeing: "of the file is here:")
    try await anna.type("me")
    try await anna.press("Enter")
    try await anna.see("anna (you)", "Jonas", "new guest")
    try await anna.press("i")
    try await anna.agree(to: "as the new group \"flatshare\"?")
    try await anna.see("1 entry is imported. Undo: S, then Imports.", "Rent", "you are owed")
    #expect(try await direct.readGroup("/balances", "[.balances[].net] | max") == "80000")

    try await anna.press("S")
    try await anna.see("Export to a file")
    try await anna.open("Imports", seeing: "1 entry of Splitwise")
    try await anna.press("u")
    try await anna.agree(to: "Undo the import of 1 entry of Splitwise?")
    try await anna.see("No import can be undone.")
    #expect(try await direct.readGroup("/entries", ".items | length") == "0")

    // The days of a table can be read in two ways, and its amounts too.
    let table = file.replacing("flatshare", with: "table")
    try "Date,Description,Amount,Currency,Payer,Participants\n1/2/2026,Tea,1.000,EUR,anna,anna;Jo\n"
      .write(toFile: table, atomically: true, encoding: .utf8)
    try await anna.press("I")
    try await anna.see("Enter read the file")
    try await anna.fill(table)
    try await anna.press("Enter")
    try await anna.see("could be day and month", "28/11/2026")
    try await anna.type("month, d")
    try await anna.press("Enter")
    try await anna.see("could mean thousands or decimals", "1.234,50")
    try await anna.type("comma")
    try await anna.press("Enter")
    try await anna.see("anna (you)", "2026-01-02", "+500.00 EUR")
    try await anna.press("i")
    try await anna.agree(to: "into \"flatshare\"?")
    try await anna.see("1 entry of a table")
    #expect(try await direct.readGroup("/entries", ".items[0].amount") == "100000")
    try await anna.press("u")
    try await anna.agree(to: "Undo the import of 1 entry of a table?")
    try await anna.see("No import can be undone.")
    for words in ["Imports", "Balances", "n new"] {
      try await anna.press("q")
      try await anna.see(words)
    }
  }
}
