import KittyShared

extension Day {
  /// Reads a typed date: `2026-11-20`, `today` or `yesterday`; `nil` for another text.
  init?(typed text: String, today: Day) {
    switch text.trimmed.lowercased() {
    case "today": self = today
    case "yesterday": self = Day(daysSince1970: today.daysSince1970 - 1)
    case let text:
      guard let day = Day(text) else { return nil }
      self = day
    }
  }
}
