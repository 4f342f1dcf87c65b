import KittyShared

/// The categories of a group in words and in the order of a list.
extension GroupData {
  /// The categories that are not removed: each of the upper level with those below it, by name.
  var tree: [Category] {
    let present = categories.filter { $0.removedAt == nil }.sorted { $0.name.folded < $1.name.folded }
    let below = Dictionary(grouping: present, by: \.parent)
    return (below[nil] ?? []).flatMap { [$0] + (below[$0.id] ?? []) }
  }

  /// Returns a category, also a removed one.
  func category(_ id: ID) -> Category? { categories.first { $0.id == id } }

  /// Returns the name of a member or of a category.
  func label(_ id: ID) -> SafeText { category(id) == nil ? name(of: id) : categoryName(id) }

  /// Returns the name of a category behind that of the one above it: `Food › Groceries`.
  func categoryName(_ id: ID) -> SafeText {
    guard let category = category(id) else { return "(unknown)" }
    guard let parent = category.parent.flatMap({ self.category($0) }) else { return SafeText(category.name) }
    return "\(parent.name) › \(category.name)"
  }
}
