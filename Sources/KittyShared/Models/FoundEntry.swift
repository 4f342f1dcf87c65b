/// An entry that a filter found in one of the user's groups.
package struct FoundEntry: Codable, Hashable, Sendable {
  /// The group.
  package let group: ID
  /// The group's name.
  package let groupName: String
  /// The entry.
  package let entry: Entry

  package init(group: ID, groupName: String, entry: Entry) {
    self.group = group
    self.groupName = groupName
    self.entry = entry
  }
}
