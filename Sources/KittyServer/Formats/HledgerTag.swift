/// The tags of entries in a journal for hledger. Some names have a meaning there.
enum HledgerTag {
  /// Tags with a meaning in hledger, and those of the journal.
  private static let reserved: Set = [
    "date", "date2", "type", "category", "note", "description", "name", "share",
  ]
  private static let mark = "tag-"

  /// Returns the name of a tag in the journal.
  static func written(_ tag: String) -> String { isTaken(tag) ? mark + tag : tag }

  /// Returns the tag with a name in the journal.
  static func read(_ name: String) -> String {
    let rest = String(name.dropFirst(mark.count))
    return name.hasPrefix(mark) && isTaken(rest) ? rest : name
  }

  /// Returns `true` for a name that means something, and for one that would be read as another tag.
  private static func isTaken(_ tag: String) -> Bool {
    reserved.contains(tag) || tag.hasPrefix(mark) && isTaken(String(tag.dropFirst(mark.count)))
  }
}
