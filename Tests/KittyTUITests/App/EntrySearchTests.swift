import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// The filter of entries: it looks only at what the letters before have left, and finds the same.
struct EntrySearchTests {
  private static let words = ["dinner", "Dîner", "tea, 1.50", "rent 12", "Bob's rent", "taxi", "#3"]

  private static func entry(_ number: Int64, _ random: inout Seeded) -> Entry {
    MixedBooks.expense(
      number, words.randomElement(using: &random)! + " \(number)", .random(in: 1...9999, using: &random),
      day: "2026-11-2\(number % 9)", payers: [(Int(number % 3), 100)], shares: [100],
      note: words.randomElement(using: &random))
  }

  /// The entries that the whole text finds at once, without the letters before it.
  private static func found(_ text: String, _ data: GroupData) -> [Entry] {
    var search = EntrySearch()
    _ = search.edit(.paste(text))
    return Array(search.matches(data))
  }

  @Test func eachLetterFindsWhatTheWholeTextFinds() throws {
    var random = Seeded(11)
    var data = MixedBooks.data
    var found = 0
    for _ in 0..<300 {
      data.entries = (1...40).map { Self.entry($0, &random) }
      var search = EntrySearch()
      let text = ["dinn", "din re", "1,5", "rent b", "#3", "#33", "ten", "nov 24", "4 din"].randomElement(
        using: &random)!
      for letter in text {
        _ = search.edit(.character(letter))
        // Others delete and add entries meanwhile, and an entry is changed.
        switch Int.random(in: 0..<8, using: &random) {
        case 0: data.entries.removeFirst()
        case 1: data.entries.append(Self.entry(41, &random))
        case 2: data.entries.insert(Self.entry(42, &random), at: 0)
        case 3:
          data.entries[0] = Self.entry(data.entries[0].number, &random)
          search.forget()
        case 4:
          _ = search.edit(.backspace)
          let fewer = Array(search.matches(data))
          #expect(fewer == Self.found(search.text, data))
          _ = search.edit(.character(letter))
        default: break
        }
        let matches = Array(search.matches(data))
        #expect(matches == Self.found(search.text, data), "\(search.text)")
        found += matches.count
      }
    }
    #expect(found > 1000)
  }

  @Test func numberIsExact() {
    var random = Seeded(12)
    var data = MixedBooks.data
    data.entries = (1...20).map { Self.entry($0, &random) }
    #expect(Self.found("#1", data).map(\.number) == [1] && Self.found("#12", data).map(\.number) == [12])
    var search = EntrySearch()
    for (letter, count) in zip("#12", [0, 1, 1]) {
      _ = search.edit(.character(letter))
      let numbers = search.matches(data).map(\.number)
      #expect(letter == "#" || numbers.count == count, "\(numbers)")
    }
  }
}
