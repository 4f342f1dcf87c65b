import Foundation
import TestSupport
import Testing

extension TypedStory {
  /// A file of another program becomes a group by a command, and is taken back by another.
  static let imports = TypedStory(
    "imports",
    [
      "POST /v1/groups/{group}/imports", "GET /v1/groups/{group}/imports",
      "DELETE /v1/groups/{group}/imports/{import}",
    ]
  ) { deployment, _ in
    let file = deployment.folder + "/flatshare.csv"
    try
      "Date,Description,Category,Cost,Currency,Mira,Jonas\n\n2026-01-03,Rent,Rent,1200.00,EUR,800.00,-800.00\n"
      .write(toFile: file, atomically: true, encoding: .utf8)
    try await TerminalSession.run(100, 40, on: deployment) { anna in
      try await anna.signUp("anna")
      try await anna.see("n new")
      try await anna.press("q")
      try await anna.see("ended 0")
      let client = "\"$CLIENT\" --server \"$KITTY\""
      try await anna.type("clear; \(client) import \(file) --map Mira=me; echo left $?")
      try await anna.press("Enter")
      try await anna.see("Read as Splitwise", "Imported 1 expense and 0 payments.", "800.00 EUR", "left 0")
      try await anna.type("clear; \(client) imports flatshare; echo left $?")
      try await anna.press("Enter")
      try await anna.see("File of", "Splitwise", "left 0")
      try await anna.type("clear; \(client) imports flatshare --undo last; \(client) groups; echo left $?")
      try await anna.press("Enter")
      try await anna.see("Undone: 1 entry of Splitwise.", "settled", "left 0")
    }
  }
}
