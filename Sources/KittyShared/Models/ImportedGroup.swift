/// A group after an import: the group, and what the import changed in the file.
package struct ImportedGroup: Codable, Hashable, Sendable {
  /// The group. Its fields stand beside those of this value.
  package let group: Group
  /// The members who got another name, because an earlier one in the file has the same name or one that looks the same;
  /// `nil` when all kept theirs.
  package let renamed: [RenamedMember]?

  /// A member who got another name.
  package struct RenamedMember: Codable, Hashable, Sendable {
    /// The member's id.
    package let member: ID
    /// The name in the file.
    package let from: String
    /// The name in the group.
    package let to: String

    package init(member: ID, from: String, to: String) {
      self.member = member
      self.from = from
      self.to = to
    }
  }

  private enum CodingKeys: String, CodingKey { case renamed }

  package init(group: Group, renamed: [RenamedMember]) {
    self.group = group
    self.renamed = renamed.isEmpty ? nil : renamed
  }

  package init(from decoder: any Decoder) throws {
    group = try Group(from: decoder)
    renamed = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
      [RenamedMember].self, forKey: .renamed)
  }

  package func encode(to encoder: any Encoder) throws {
    try group.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(renamed, forKey: .renamed)
  }
}
