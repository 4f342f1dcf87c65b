import KittyShared

/// The filter of the entries: each word must be in the description, the note, the names, the amount or the date.
/// Neither case nor accents matter.
struct EntrySearch: Sendable {
  private(set) var field = TextField(limit: 64)
  /// The texts of the entries, so that a letter is not slow in a long list.
  private var texts = EntryTexts()
  /// The latest searches: their words, and the places of the entries that have them.
  private var searches: [(words: [Word], found: [Int])] = []
  /// The number of searches that are kept, for the letters that are deleted again.
  private static let kept = 16

  var text: String { field.text }
  var isEmpty: Bool { field.text.isEmpty }

  mutating func edit(_ key: Key) -> Bool { field.edit(key) }
  mutating func clear() { field.set("") }
  /// Forgets the texts, after a change of entries or names.
  mutating func forget() { (texts, searches) = (EntryTexts(), []) }

  /// Returns the entries that have all the words. With one more letter only those are searched that had the words before:
  /// O(bytes of their texts).
  mutating func matches(_ data: GroupData) -> ShownEntries {
    let words = field.text.folded.split(separator: " ").map { Word(String($0)) }
    guard !words.isEmpty else { return ShownEntries(data.entries) }
    if !texts.update(data) { searches = [] }
    let known = searches.last { $0.words.allSatisfy { $0.isIn(words) } }
    if let known, known.words == words { return ShownEntries(data.entries, places: known.found) }
    let found = (known?.found ?? Array(data.entries.indices)).filter { place in
      words.allSatisfy { word in
        word.number.map { $0 == data.entries[place].number }
          ?? word.spellings.contains { texts.has($0, at: place) }
      }
    }
    searches = searches.suffix(Self.kept - 1) + [(words, found)]
    return ShownEntries(data.entries, places: found)
  }

  /// A word of the filter.
  private struct Word: Equatable, Sendable {
    let text: String
    /// The number of an entry, for `#318`.
    let number: Int64?
    /// The bytes to look for. A decimal comma is as good as a point.
    let spellings: [[UInt8]]

    init(_ text: String) {
      self.text = text
      number = text.first == "#" && text.count > 1 ? Int64(text.dropFirst()) ?? -1 : nil
      spellings =
        [Array(text.utf8)] + (text.contains(",") ? [Array(text.replacing(",", with: ".").utf8)] : [])
    }

    /// `true` when each text with the words has this one.
    func isIn(_ words: [Word]) -> Bool {
      number == nil && words.contains { $0.number == nil && $0.text.contains(text) }
    }
  }
}
