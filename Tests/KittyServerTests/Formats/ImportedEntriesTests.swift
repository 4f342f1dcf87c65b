import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Entries are kept as bytes, and come back as they were.
@Suite struct ImportedEntriesTests {
  private static let euro = Currency(code: "EUR")!

  private static func entry(_ random: inout Seeded) throws -> ImportedEntry {
    let numbers = [0, 1, -1, 63, 64, -64, -65, 127, 128, 1 << 40, .max, .min].map { Int64($0) }
    let texts = ["", "a", "Ärger\n\"q\"", "日本", String(repeating: "x", count: 300)]
    func parts() -> [ImportedEntry.Part] {
      (0..<Int.random(in: 0...4, using: &random)).map {
        .init(member: $0 * 100, amount: numbers.randomElement(using: &random)!)
      }
    }
    func split() -> ImportedEntry.Split {
      switch Int.random(in: 0...2, using: &random) {
      case 0: .equally(parts().map(\.member))
      case 1: .shares(parts().map { .init(member: $0.member, weight: $0.amount) })
      default: .exact(parts())
      }
    }
    let places: [ImportPlace] = [.file, .line(12), .element(list: "expenses", 3), .element(list: "", 0)]
    return ImportedEntry(
      place: places.randomElement(using: &random)!, key: (texts + [nil]).randomElement(using: &random)!,
      kind: Bool.random(using: &random)
        ? .payment(from: 3, to: 999) : .expense(payers: parts(), split: split()),
      description: texts.randomElement(using: &random)!,
      amount: Amount(numbers.randomElement(using: &random)!, euro),
      original: Bool.random(using: &random)
        ? nil
        : .init(
          amount: Amount(-5, try #require(Currency(code: "JPY"))), rate: try #require(Rate("0.0061")),
          split: Bool.random(using: &random) ? nil : split()),
      date: Day(daysSince1970: Int64.random(in: -30_000...90_000, using: &random)),
      note: (texts + [nil]).randomElement(using: &random)!,
      category: (texts + [nil]).randomElement(using: &random)!)
  }

  @Test func entriesComeBackAsTheyWere() throws {
    var random = Seeded(17)
    let all = try (0..<2000).map { _ in try Self.entry(&random) }
    var entries = ImportedEntries()
    for entry in all { entries.append(entry) }
    #expect(entries.count == all.count)
    #expect(Array(entries) == all)
    #expect(entries[1999] == all[1999] && entries.first == all.first)
  }
}
