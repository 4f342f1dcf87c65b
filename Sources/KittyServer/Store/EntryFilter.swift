import KittyShared

/// The conditions on a list of entries.
struct EntryFilter: Sendable {
  /// The kinds of entries; all kinds when empty.
  var kinds: Set<EntryContent.Kind> = []
  /// The account that the entries have postings to.
  var account: ID?
  var from: Day?
  var to: Day?
  /// `true` to include deleted entries.
  var deleted = false
  /// The filter that a user wrote, with the names of this group looked up.
  var query: ResolvedFilter?
}

/// The name of an entry in a path: its id, or its short number in the group.
enum EntryKey: Sendable {
  case id(ID)
  case number(Int64)

  init?(_ text: String) {
    if let id = ID(text) {
      self = .id(id)
    } else if let number = Int64(text), number > 0 {
      self = .number(number)
    } else {
      return nil
    }
  }
}
