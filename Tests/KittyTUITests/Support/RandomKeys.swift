import TestSupport

/// The bytes of random keys: those that the client knows, text, pastes, and whatever else a terminal may send.
enum RandomKeys {
  /// Moving, and the keys of forms.
  private static let moving = [
    "\u{1b}[A", "\u{1b}[B", "\u{1b}[C", "\u{1b}[D", "\u{1b}OA", "\u{1b}[5~", "\u{1b}[6~", "\u{1b}[H",
    "\u{1b}[F",
    "\t", "\t", "\t", "\u{1b}[Z", "\r", "\r", "\r", "\u{13}", "\u{13}", " ", "\u{7f}", "\u{1b}[3~",
  ]
  private static let text = [
    "Dinner", "12.50", "12,50", "0", "7", "100", "é", "寿", "e\u{301}", "👩‍👩‍👧", "नमस्ते", "‮x", "2026-11-28",
  ]
  private static let pastes = [
    "\ry\rq\u{3}d", "12,50", "", "two\nlines\n", String(repeating: "long ", count: 300), "\u{1b}[31m",
  ].map {
    "\u{1b}[200~\($0)\u{1b}[201~"
  }
  /// Letters that open forms and lists.
  private static let commands = Array("aaaaaAAmmmyyeennivtPsubdkjlhgG/:rcADSUIMLCfowxp?").map(String.init)

  /// Returns the bytes of the next key.
  static func next(_ random: inout Seeded) -> String {
    func one(of list: [String]) -> String { list.randomElement(using: &random) ?? "" }
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<6: return one(of: moving)
    case 6..<11: return one(of: commands)
    case 11..<14: return one(of: text)
    case 14: return one(of: pastes)
    case 15: return one(of: KeyParserTests.unknown)
    case 16: return reported(&random)
    case 17:
      // A control key. Those that end or suspend a program are pressed elsewhere.
      return scalar(Int.random(in: 1...26, using: &random)).filter { !"\u{3}\u{1a}".contains($0) }
    default: return scalar(Int.random(in: 33...126, using: &random))
    }
  }

  /// A modified arrow, a function key, a focus report, or a report of the mouse anywhere.
  private static func reported(_ random: inout Seeded) -> String {
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      let modifier = Int.random(in: 2...16, using: &random)
      return "\u{1b}[1;\(modifier)\(["A", "B", "C", "D", "H", "F", "P"].randomElement(using: &random) ?? "A")"
    case 1: return "\u{1b}[\(Int.random(in: 11...34, using: &random))~"
    case 2: return ["\u{1b}[I", "\u{1b}[O"].randomElement(using: &random) ?? ""
    default:
      let button = [0, 0, 0, 1, 2, 32, 35, 64, 65, 66].randomElement(using: &random) ?? 0
      let column = Int.random(in: 1...130, using: &random)
      let row = Int.random(in: 1...45, using: &random)
      return "\u{1b}[<\(button);\(column);\(row)M\u{1b}[<\(button);\(column);\(row)m"
    }
  }

  private static func scalar(_ value: Int) -> String { String(Character(Unicode.Scalar(UInt8(value)))) }
}
