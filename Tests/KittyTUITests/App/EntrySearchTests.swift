import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// The filter of the entries that were read: each letter finds what the whole text finds.
struct EntrySearchTests {
  private static let today = Day("2026-11-29")!
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
    _ = search.edit(.paste(text), today: Self.today)
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
        _ = search.edit(.character(letter), today: Self.today)
        // Others delete and add entries meanwhile, and an entry is changed.
        switch Int.random(in: 0..<8, using: &random) {
        case 0: data.entries.removeFirst()
        case 1: data.entries.append(Self.entry(41, &random))
        case 2: data.entries.insert(Self.entry(42, &random), at: 0)
        case 3:
          data.entries[0] = Self.entry(data.entries[0].number, &random)
          search.forget()
        case 4:
          _ = search.edit(.backspace, today: Self.today)
          let fewer = Array(search.matches(data))
          #expect(search.problem != nil || fewer == Self.found(search.text, data))
          _ = search.edit(.character(letter), today: Self.today)
        default: break
        }
        let matches = Array(search.matches(data))
        // A text with a fault keeps the filter before it.
        guard search.problem == nil else { continue }
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
    for letter in "#12" {
      _ = search.edit(.character(letter), today: Self.today)
      let numbers = search.matches(data).map(\.number)
      #expect(letter == "#" ? numbers.count == 20 : numbers.count == 1, "\(numbers)")
    }
  }

  @Test func conditionsAreThoseOfTheAPI() {
    var random = Seeded(13)
    var data = MixedBooks.data
    data.entries = (1...30).map { Self.entry($0, &random) }
    for text in ["amount:>50", "-dinner kind:expense", "(rent OR taxi) amount:<40", "has:note", "is:refund"] {
      let filter = try? Filter(text).resolved(in: FilterContext(data, today: Self.today))
      let expected = data.entries.filter { filter?.matches(FilteredEntry($0), comments: []) == true }
      #expect(Self.found(text, data) == expected, "\(text)")
    }
  }

  @Test func faultKeepsTheFilterBeforeIt() {
    var random = Seeded(14)
    var data = MixedBooks.data
    data.entries = (1...30).map { Self.entry($0, &random) }
    var search = EntrySearch()
    _ = search.edit(.paste("rent"), today: Self.today)
    let rents = Array(search.matches(data))
    #expect(!rents.isEmpty && rents.count < 30 && search.problem == nil)
    _ = search.edit(.paste(" colour:"), today: Self.today)
    #expect(Array(search.matches(data)) == rents && search.problem?.code == .unknownField)
    search.clear()
    #expect(search.matches(data).count == 30 && search.problem == nil)
  }
}
