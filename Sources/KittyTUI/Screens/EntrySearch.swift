import KittyShared

/// The filter of the entries, in the language of `Filter`. It looks at the entries that were read, so at their comments only
/// by `has:comment`.
struct EntrySearch: Sendable {
  private(set) var field = TextField(limit: Filter.maxLength)
  /// The fault in the text, such as a name that is not written to its end yet: the filter before it stays meanwhile.
  private(set) var problem: FilterProblem?
  /// The latest filter without a fault.
  private var latest: Filter?
  /// The texts of the entries, so that a letter is not slow in a long list.
  private var texts = EntryTexts()
  /// The present day of the user, for relative dates.
  private var today = Day.first

  var text: String { field.text }
  var isEmpty: Bool { field.text.trimmed.isEmpty }

  mutating func edit(_ key: Key, today: Day) -> Bool {
    self.today = today
    return field.edit(key)
  }

  mutating func clear() {
    field.set("")
    (latest, problem) = (nil, nil)
  }

  /// Forgets the texts, after a change of entries.
  mutating func forget() { texts = EntryTexts() }

  /// Returns the entries that meet the filter. O(bytes of their texts).
  mutating func matches(_ data: GroupData) -> ShownEntries {
    guard !isEmpty else {
      clear()
      return ShownEntries(data.entries)
    }
    let context = FilterContext(data, today: today)
    var resolved: ResolvedFilter?
    do {
      let filter = try Filter(field.text)
      resolved = try filter.resolved(in: context)
      (latest, problem) = (filter, nil)
    } catch {
      problem = error
      resolved = try? latest?.resolved(in: context)
    }
    guard let resolved else { return ShownEntries(data.entries) }
    texts.update(data)
    let found = texts.entries.indices.filter { place in
      resolved.matches(texts.entries[place]) { texts.has($0.bytes, at: place) }
    }
    return ShownEntries(data.entries, places: found)
  }
}

extension FilterContext {
  /// The names of a group.
  init(_ data: GroupData, today: Day) {
    self.init(
      members: data.members.map { Person(id: $0.id, name: $0.name, isPresent: $0.removedAt == nil) },
      me: data.group.me,
      categories: data.tree.map { Category(id: $0.id, name: $0.name, parent: $0.parent) }, today: today)
  }
}
