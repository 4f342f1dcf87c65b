/// A category of a group's expenses. There are two levels: a category either has a parent or can have children.
package struct Category: Codable, Hashable, Sendable {
  /// The category's id.
  package let id: ID
  /// The name, unique among the categories of the group that are not removed.
  package let name: String
  /// The category above it; `nil` on the upper level.
  package let parent: ID?
  /// The instant of creation.
  package let createdAt: Instant
  /// The instant at which it was archived: entries keep it, and new ones cannot have it; `nil` in use.
  package let archivedAt: Instant?
  /// The instant of removal; `nil` for a category that is there. A removed one stays in the history of entries.
  package let removedAt: Instant?
  /// The category that its entries got when it was removed; `nil` if they got none.
  package let removedInto: ID?
  /// Grows with each change; the `ETag`.
  package let version: Int64

  /// The most categories of a group that are not removed.
  package static let maxPresent = 200
  /// The most categories of a group, with those that were removed.
  package static let maxEver = 2000
  /// The longest name, in characters.
  package static let maxName = 64

  package init(
    id: ID, name: String, parent: ID? = nil, createdAt: Instant, archivedAt: Instant? = nil,
    removedAt: Instant? = nil, removedInto: ID? = nil, version: Int64 = 1
  ) {
    self.id = id
    self.name = name
    self.parent = parent
    self.createdAt = createdAt
    self.archivedAt = archivedAt
    self.removedAt = removedAt
    self.removedInto = removedInto
    self.version = version
  }
}

/// A request to create a category.
package struct NewCategory: Creation, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The name: at most 64 characters, unique in the group.
  package var name: String
  /// The category above it: one of the upper level. Omitted, the new one is on the upper level.
  package var parent: ID?

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, name, parent }

  package init(id: ID? = nil, name: String, parent: ID? = nil) {
    self.id = id
    self.name = name
    self.parent = parent
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.categoryName(name, "name")
  }

  package mutating func compose() { name = name.composed }
}

/// A request to change a category; omitted fields stay unchanged. Entries name a category by its id, so a new name changes
/// no entry.
package struct CategoryChange: RequestBody, Hashable {
  /// The name: at most 64 characters, unique in the group.
  package var name: String?
  /// The category above it; `null` moves it to the upper level.
  package var parent: Patch<ID> = .keep
  /// `true` archives it, `false` takes it into use again.
  package var archived: Bool?

  package enum CodingKeys: String, CodingKey, CaseIterable { case name, parent, archived }

  /// The fields that `null` removes.
  package static var nullable: [CodingKeys] { [.parent] }

  package init(name: String? = nil, parent: Patch<ID> = .keep, archived: Bool? = nil) {
    self.name = name
    self.parent = parent
    self.archived = archived
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      self != CategoryChange(), "", "nothing_to_change", "Send at least one field with a new value.")
    if let name { checks.categoryName(name, "name") }
  }

  package mutating func compose() { name = name?.composed }
}

extension FieldChecks {
  /// Checks the name of a category. `none` stands for no category in filters and requests.
  package mutating func categoryName(_ name: String, _ field: String) {
    text(name, field, max: Category.maxName)
    require(
      name.nameKey != "none", field, "reserved", "\"\(name)\" means no category. Choose another name.")
  }
}
