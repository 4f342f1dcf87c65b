extension GroupFile {
  /// Checks that the categories are a tree of two levels, whose present names differ.
  func checkCategories(_ checks: inout FieldChecks) {
    let categories = categories ?? []
    let known = Dictionary(categories.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    checks.require(
      known.count == categories.count, "categories", "twice", "Each category must be listed once.")
    let present = categories.filter { $0.removedAt == nil }
    checks.require(
      present.count <= Category.maxPresent && categories.count <= Category.maxEver, "categories", "too_many",
      "A file can have \(Category.maxPresent) categories and \(Category.maxEver) with the removed ones; this one has \(present.count) and \(categories.count)."
    )
    checks.require(
      Set(present.map(\.name.nameKey)).count == present.count, "categories", "name_taken",
      "The names of categories must differ, not in case alone.")
    for (index, category) in categories.enumerated() {
      let field = "categories.\(index)"
      checks.madeHere(category.id, "\(field).id")
      checks.categoryName(category.name, "\(field).name")
      if let parent = category.parent {
        let isUpper = known[parent].map {
          $0.parent == nil && (category.removedAt != nil || $0.removedAt == nil)
        }
        checks.require(
          isUpper == true && parent != category.id, "\(field).parent", "not_a_category",
          "The parent must be listed in categories, without a parent of its own.")
      }
      if let other = category.removedInto {
        checks.require(
          category.removedAt != nil && known[other] != nil && other != category.id, "\(field).removedInto",
          "not_a_category", "removedInto must be another category of the list, and needs removedAt.")
      }
    }
  }
}

extension GroupFile.FileEntry {
  /// Checks that each category of the revisions is listed, and that the entry has none now that is removed.
  /// - Parameter categories: The categories of the file, and `true` for those that are not removed.
  func checkCategories(_ checks: inout FieldChecks, _ field: String, _ categories: [ID: Bool]) {
    for (index, revision) in revisions.enumerated() {
      let isCurrent = index == revisions.count - 1 && revision.action != .deleted
      for named in revision.content.namedCategories {
        let isPresent = categories[named.category]
        checks.require(
          isPresent != nil, "\(field).revisions.\(index).content.\(named.field)", "not_a_category",
          "The category must be listed in categories.")
        checks.require(
          isPresent != false || !isCurrent, "\(field).revisions.\(index).content.\(named.field)", "removed",
          "The current content must not name a removed category.")
      }
    }
  }
}

extension EntryContent {
  /// Returns `true` when deleting or restoring an entry can lead from the other content to this one. A restored entry may
  /// have lost categories that were removed while it was deleted, or have those in their place.
  func isEqual(to previous: EntryContent, after action: Revision.Action) -> Bool {
    self == previous
      || action == .restored
        && replacingCategories { _ in nil } == previous.replacingCategories { _ in nil }
  }
}

extension SplitRule {
  /// `true` when an item has a category or tags.
  var hasLabels: Bool { items?.contains { $0.category != nil || $0.tags != nil } ?? false }
}
