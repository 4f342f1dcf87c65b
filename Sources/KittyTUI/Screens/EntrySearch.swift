import KittyShared

/// The filter of the entries: each word must be in the description, the note, the names, the amount or the date.
/// Neither case nor accents matter.
struct EntrySearch: Sendable {
  private(set) var field = TextField(limit: 64)
  /// The texts of the entries, so that a letter is not slow in a long list.
  private var texts: [ID: [UInt8]] = [:]

  var text: String { field.text }
  var isEmpty: Bool { field.text.isEmpty }

  mutating func edit(_ key: Key) -> Bool { field.edit(key) }
  mutating func clear() { field.set("") }
  /// Forgets the texts, after a change of entries or names.
  mutating func forget() { texts = [:] }

  /// Returns the entries that have all the words.
  mutating func matches(_ data: GroupData) -> [Entry] {
    let words = field.text.searchKey.split(separator: " ").map(String.init)
    guard !words.isEmpty else { return data.entries }
    return data.entries.filter { entry in
      let text = texts[entry.id] ?? Self.text(of: entry, data)
      texts[entry.id] = text
      return words.allSatisfy { word in
        word.first == "#" && word.count > 1 ? word == "#\(entry.number)" : Self.has(word, in: text)
      }
    }
  }

  /// A decimal comma is as good as a point.
  private static func has(_ word: String, in text: [UInt8]) -> Bool {
    text.contains(word: Array(word.utf8))
      || (word.contains(",") && text.contains(word: Array(word.replacing(",", with: ".").utf8)))
  }

  private static func text(of entry: Entry, _ data: GroupData) -> [UInt8] {
    let accounts = (entry.payers ?? []).map(\.account) + [entry.from, entry.to].compactMap { $0 }
    let amount = EntryTable.difference(of: entry) ?? Amount(entry.amount, entry.currency)
    let words =
      [entry.description, entry.note ?? "", EntryTable.who(entry, data).string]
      + accounts.map { data.name(of: $0).string }
      + [amount.text(), amount.decimal, amount.currency.code, "\(entry.date)"]
      + [SafeText(weekdayOf: entry.date, today: entry.date).string]
    return Array(words.joined(separator: " ").searchKey.utf8)
  }
}

extension [UInt8] {
  /// `true` when the bytes of the word stand in the bytes.
  fileprivate func contains(word: [UInt8]) -> Bool {
    guard let first = word.first, count >= word.count else { return word.isEmpty }
    return (0...(count - word.count)).contains { start in
      self[start] == first && self[start..<(start + word.count)].elementsEqual(word)
    }
  }
}
