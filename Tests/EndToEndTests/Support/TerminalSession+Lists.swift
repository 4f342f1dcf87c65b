/// Lists, fields and questions of the client.
extension TerminalSession {
  /// Selects the first line of a list with a text.
  func select(_ text: String) async throws {
    let steps = try await wait(for: "a line with \(text)", state: screen) { () -> Int? in
      // Below the path, and above the status and the keys.
      let lines = try await screen().split(separator: "\n", omittingEmptySubsequences: false).dropFirst(2)
      guard let here = lines.firstIndex(where: { $0.hasPrefix(">") }),
        let there = lines.firstIndex(where: { $0.dropFirst(2).contains(text) })
      else { return nil }
      return there - here
    }
    for _ in 0..<abs(steps) { try await press(steps > 0 ? "Down" : "Up") }
    _ = try await seeLine(">", text)
  }

  /// Selects a line, opens it, and waits for a text.
  func open(_ line: String, seeing text: String) async throws {
    try await select(line)
    try await press("Enter")
    try await see(text)
  }

  /// Waits until one line has all texts, the first one at its start.
  @discardableResult func seeLine(_ start: String, _ texts: String...) async throws -> String {
    try await wait(for: "a line with \(start), \(texts)", state: screen) {
      try await screen().split(separator: "\n").map(String.init).first { line in
        line.hasPrefix(start) && texts.allSatisfy(line.contains)
      }
    }
  }

  /// Replaces the text of the field.
  func fill(_ text: String) async throws {
    try await press("C-e", "C-u")
    try await type(text)
  }

  /// Fills the fields from the focused one on, and submits them.
  func submit(_ texts: String...) async throws {
    for (index, text) in texts.enumerated() {
      if index > 0 { try await press("Tab") }
      try await fill(text)
    }
    try await press("C-s")
  }

  /// Waits for a question, and answers it with yes.
  func agree(to question: String) async throws {
    try await see(question, "any other key: no")
    try await press("y")
  }
}
