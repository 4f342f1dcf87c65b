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
        // The parent of a removed one may have been put below another since, or removed.
        let isUpper = known[parent].map {
          category.removedAt != nil || $0.parent == nil && $0.removedAt == nil
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
  /// - Parameters:
  ///   - isFirstFormat: `true` for the format without categories and tags.
  ///   - categories: The categories of the file, and `true` for those that are not removed.
  func checkLabels(
    _ checks: inout FieldChecks, _ field: String, isFirstFormat: Bool, _ categories: [ID: Bool]
  ) {
    for (index, revision) in revisions.enumerated() {
      let (here, content) = ("\(field).revisions.\(index).content", revision.content)
      let isCurrent = index == revisions.count - 1 && revision.action != .deleted
      checks.requireFormat(!isFirstFormat || content.allTags.isEmpty, "\(here).tags")
      checks.requireFormat(!isFirstFormat || content.receipts == nil, "\(here).receipts")
      checks.requireFormat(!isFirstFormat || content.refundOf == nil, "\(here).refundOf")
      for named in content.namedCategories {
        let isPresent = categories[named.category]
        checks.require(
          isPresent != nil, "\(here).\(named.field)", "not_a_category",
          "The category must be listed in categories.")
        checks.require(
          isPresent != false || !isCurrent, "\(here).\(named.field)", "removed",
          "The current content must not name a removed category.")
      }
      guard revision.action == .restored, index > 0 else { continue }
      checks.require(
        zip(content.categoryFields, revisions[index - 1].content.categoryFields).allSatisfy { new, old in
          new == old || old.map { categories[$0] == false } ?? false
        }, "\(here).category", "not_the_previous",
        "A restored entry has the category of the previous revision, unless that is removed.")
    }
  }
}

extension EntryContent {
  /// Returns `true` when deleting or restoring an entry can lead from the other content to this one. A restored entry may
  /// have lost categories that were removed while it was deleted, or have others in their place.
  func isEqual(to previous: EntryContent, after action: Revision.Action) -> Bool {
    guard self != previous, action == .restored else { return self == previous }
    if kind == .count, previous.kind == .count { return withoutDifference == previous.withoutDifference }
    return replacingCategories { _ in nil } == previous.replacingCategories { _ in nil }
  }

  /// The content of a count without what depends on the books.
  private var withoutDifference: EntryContent {
    var content = self
    content.amount = 0
    content.booked = Money(amount: 0, currency: booked.currency)
    content.payers = nil
    content.shares = nil
    content.expected = nil
    return content
  }

  /// The category of the content and those of its items, each in its place.
  fileprivate var categoryFields: [ID?] { [category] + (split?.items ?? []).map(\.category) }
}

extension SplitRule {
  /// `true` when an item has a category or tags.
  package var hasLabels: Bool { items?.contains { $0.category != nil || $0.tags != nil } ?? false }
}
