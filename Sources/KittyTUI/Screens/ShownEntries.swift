import KittyShared

/// The entries of a group that a filter lets through: their places among all of them, so that no entry is copied for a
/// letter of the filter.
struct ShownEntries: RandomAccessCollection, Sendable {
  /// The ids, in the order of the list.
  let ids: [ID]
  private let entries: [Entry]
  /// The places of the shown entries; `nil` for all of them.
  private let places: [Int]?

  /// - Parameter places: The ascending places of the shown entries; `nil` for all of them.
  init(_ entries: [Entry] = [], places: [Int]? = nil) {
    self.entries = entries
    self.places = places
    ids = places.map { $0.map { entries[$0].id } } ?? entries.map { $0.id }
  }

  var startIndex: Int { 0 }
  var endIndex: Int { ids.count }
  subscript(index: Int) -> Entry { entries[places.map { $0[index] } ?? index] }

  /// Returns those of the entries that fulfil a condition.
  func filtered(by isShown: (Entry) -> Bool) -> ShownEntries {
    let all = places ?? Array(entries.indices)
    return ShownEntries(entries, places: all.filter { isShown(entries[$0]) })
  }
}
