import KittyShared

/// The categories of a group in words and in the order of a list.
extension GroupData {
  /// The categories that are not removed: each of the upper level with those below it, by name.
  var tree: [Category] {
    let present = categories.filter { $0.removedAt == nil }.sorted { $0.name.searchKey < $1.name.searchKey }
    let below = Dictionary(grouping: present, by: \.parent)
    return (below[nil] ?? []).flatMap { [$0] + (below[$0.id] ?? []) }
  }

  /// Returns a category, also a removed one.
  func category(_ id: ID) -> Category? { categories.first { $0.id == id } }

  /// Returns the name of a category behind that of the one above it: `Food › Groceries`.
  func categoryName(_ id: ID) -> SafeText {
    guard let category = category(id) else { return "(unknown)" }
    guard let parent = category.parent.flatMap({ self.category($0) }) else { return SafeText(category.name) }
    return "\(parent.name) › \(category.name)"
  }

  /// The choices of a category: none, those of the latest entries, then all others. The values are places in `tree`, -1 for
  /// none.
  /// - Parameter kept: An archived category that may stay.
  func categoryOptions(keeping kept: ID?) -> [Picker.Option] {
    let latest = entries.prefix(Self.recent).compactMap(\.category)
    let order = tree.enumerated().filter { $0.element.archivedAt == nil || $0.element.id == kept }
    let sorted = order.sorted { left, right in
      let places = [left, right].map { latest.firstIndex(of: $0.element.id) ?? .max }
      return (places[0], left.offset) < (places[1], right.offset)
    }
    return [Picker.Option(-1, "none")]
      + sorted.map { Picker.Option($0.offset, categoryName($0.element.id)) }
  }

  /// The number of latest entries whose categories come first.
  private static let recent = 30
}
