extension EntryContent {
  /// A place in the content that names a category: the path of the field, and the category.
  package typealias NamedCategory = (field: String, category: ID)

  /// The categories that the content and its items name, with their fields. O(items).
  package var namedCategories: [NamedCategory] {
    let items = (split?.items ?? []).enumerated().compactMap { index, item in
      item.category.map { (field: "split.items.\(index).category", category: $0) }
    }
    return (category.map { [(field: "category", category: $0)] } ?? []) + items
  }

  /// The categories that the content and its items name.
  package var categories: Set<ID> { Set(namedCategories.map(\.category)) }

  /// The tags of the content and of its items.
  package var allTags: Set<String> {
    (split?.items ?? []).reduce(into: Set(tags ?? [])) { $0.formUnion($1.tags ?? []) }
  }

  /// Returns the content with other categories, for it and for its items.
  /// - Parameter other: Returns the category in place of one; `nil` for none.
  package func replacingCategories(_ other: (ID) -> ID?) -> EntryContent {
    var content = self
    content.category = category.flatMap(other)
    for index in (split?.items ?? []).indices {
      content.split?.items?[index].category = split?.items?[index].category.flatMap(other)
    }
    return content
  }
}

extension SplitRule {
  /// Returns the rule with the tags in the descriptions of its items among their tags.
  /// - Throws: `Rejection.invalid` for too many tags of an item.
  package func tagged() throws(Rejection) -> SplitRule {
    guard let items else { return self }
    var rule = self
    for (index, item) in items.enumerated() {
      rule.items?[index].tags = try Tags.merged(
        item.tags, inText: item.description, "split.items.\(index).tags")
    }
    return rule
  }
}
