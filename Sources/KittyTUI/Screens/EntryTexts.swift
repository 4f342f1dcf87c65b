import KittyShared

/// The texts of entries that a filter looks at, one after another in one array: 10,000 of them are read within two
/// milliseconds.
struct EntryTexts: Sendable {
  private var ids: [ID] = []
  private var bytes: [UInt8] = []
  /// The end of the text of each entry.
  private var ends: [Int] = []

  /// Takes over the entries of the group. Those that come after the known ones are added.
  /// - Returns: `true` when the entries are the same as before.
  mutating func update(_ data: GroupData) -> Bool {
    let entries = data.entries
    var areSame = true
    if entries.count < ids.count || zip(ids, entries).contains(where: { $0 != $1.id }) {
      self = EntryTexts()
      areSame = false
    }
    guard entries.count > ids.count else { return areSame }
    for entry in entries[ids.count...] {
      ids.append(entry.id)
      bytes += Self.text(of: entry, data).utf8
      ends.append(bytes.count)
    }
    return false
  }

  /// Returns `true` when a text has the bytes of a word.
  func has(_ word: [UInt8], at place: Int) -> Bool {
    let begin = place == 0 ? 0 : ends[place - 1]
    let last = ends[place] - word.count
    guard let first = word.first, begin <= last else { return word.isEmpty }
    var start = begin
    while start <= last {
      if bytes[start] == first {
        var length = 1
        while length < word.count, bytes[start + length] == word[length] { length += 1 }
        if length == word.count { return true }
      }
      start += 1
    }
    return false
  }

  private static func text(of entry: Entry, _ data: GroupData) -> String {
    let accounts = (entry.payers ?? []).map(\.account) + [entry.from, entry.to].compactMap { $0 }
    let amount = EntryTable.difference(of: entry) ?? Amount(entry.amount, entry.currency)
    let words =
      [entry.description, entry.note ?? "", EntryTable.who(entry, data).string]
      + accounts.map { data.name(of: $0).string }
      + [amount.text(), amount.decimal, amount.currency.code, "\(entry.date)"]
      + [SafeText(weekdayOf: entry.date, today: entry.date).string]
    return words.joined(separator: " ").folded
  }
}
