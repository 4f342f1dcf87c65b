/// The texts and targets of the palette in this session, the latest last.
struct PaletteMemory: Sendable {
  private(set) var texts: [String] = []
  private(set) var targets: [PaletteItem.Target] = []

  /// More than a person goes back.
  private static let most = 50

  mutating func note(_ text: String, _ target: PaletteItem.Target) {
    if !text.isEmpty { texts = Self.adding(text, to: texts) }
    targets = Self.adding(target, to: targets)
  }

  private static func adding<Value: Equatable>(_ value: Value, to values: [Value]) -> [Value] {
    Array((values.filter { $0 != value } + [value]).suffix(most))
  }
}
