import KittyShared

/// The entries as filters look at them, and their texts one after another in one array: 10,000 of them are read within two
/// milliseconds.
struct EntryTexts: Sendable {
  private(set) var entries: [FilteredEntry] = []
  /// `true` when an entry has a comment.
  private(set) var hasComments = false
  private var bytes: [UInt8] = []
  /// The end of the text of each entry.
  private var ends: [Int] = []

  /// Takes over the entries of the group. Those that come after the known ones are added.
  mutating func update(_ data: GroupData) {
    let new = data.entries
    if new.count < entries.count || zip(entries, new).contains(where: { $0.entry.id != $1.id }) {
      self = EntryTexts()
    }
    for entry in new.dropFirst(entries.count) {
      let filtered = FilteredEntry(
        entry, categories: entry.content.categories, tags: entry.content.allTags)
      entries.append(filtered)
      hasComments = hasComments || entry.commentCount > 0
      bytes += filtered.text.utf8
      ends.append(bytes.count)
    }
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
}
