/// Members who share money.
package struct Group: Codable, Hashable, Sendable {
  /// The group's id.
  package let id: ID
  /// The name.
  package let name: String
  /// The default currency of entries.
  package let currency: Currency
  /// The member that the user is.
  package let me: ID
  /// The user's role.
  package let role: Member.Role
  /// The user's net balance per currency: positive is owed to the user. Zeros are omitted.
  package let balances: [Money]
  /// The money in the kitty per currency. Zeros are omitted.
  package let kitty: [Money]
  /// The number of present members.
  package let memberCount: Int
  /// The group's photo.
  package let photo: Photo?
  /// The instant of creation.
  package let createdAt: Instant
  /// The instant of archiving; `nil` if it is not archived.
  package let archivedAt: Instant?
  /// The last closed day: entries up to it can no longer be created or changed.
  package let closedUntil: Day?
  /// True if members can change, delete and restore only their own entries; the owner and admins can
  /// change all.
  package let ownEntriesOnly: Bool
  /// The split of an expense that names none; `nil` for equally among all members.
  package let defaultSplit: SplitRule?
  /// The instant of deletion; its owner can restore it for 30 days.
  package let deletedAt: Instant?
  /// Grows with each change of the group itself; the `ETag`.
  package let version: Int64
  /// Grows with each change in the group: its books, its members, the group itself. It is the `since` of its
  /// lists for later changes.
  package let sequence: Int64

  /// The number of present members to which a group grows, unless the server has another setting.
  package static let maxMembers = 500
  /// The largest number of members, former ones included: they are all in the books and in an export.
  package static let maxMembersEver = 10_000

  package init(
    id: ID, name: String, currency: Currency, me: ID, role: Member.Role, balances: [Money],
    kitty: [Money] = [], memberCount: Int, photo: Photo?, createdAt: Instant, archivedAt: Instant?,
    closedUntil: Day? = nil, ownEntriesOnly: Bool = false, defaultSplit: SplitRule? = nil,
    deletedAt: Instant? = nil, version: Int64,
    sequence: Int64 = 0
  ) {
    self.id = id
    self.name = name
    self.currency = currency
    self.me = me
    self.role = role
    self.balances = balances
    self.kitty = kitty
    self.memberCount = memberCount
    self.photo = photo
    self.createdAt = createdAt
    self.archivedAt = archivedAt
    self.closedUntil = closedUntil
    self.ownEntriesOnly = ownEntriesOnly
    self.defaultSplit = defaultSplit
    self.deletedAt = deletedAt
    self.version = version
    self.sequence = sequence
  }

  /// Returns the id of the member who makes a group. It follows from that of the group, so that a preview of a group that is
  /// not made yet has the odd cents of the group. The numbers from 1 are those of members of a file with the id of the group.
  package static func firstMember(of group: ID) -> ID { ID(of: group, number: -1) }
}

/// A request to create a group.
package struct NewGroup: Creation, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The name: at most 64 characters.
  package var name: String
  /// The default currency of entries; the user's default currency when omitted.
  package var currency: Currency?

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, name, currency }

  package init(id: ID? = nil, name: String, currency: Currency? = nil) {
    self.id = id
    self.name = name
    self.currency = currency
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(name, "name", max: 64)
  }
}

/// A request to change a group; omitted fields stay unchanged.
package struct GroupChange: RequestBody, Hashable {
  /// A new name: at most 64 characters.
  package var name: String?
  /// True to archive the group: it becomes read-only.
  package var archived: Bool?
  /// Closes the books up to and including this day; `null` reopens them.
  package var closedUntil: Patch<Day> = .keep
  /// True if members can change, delete and restore only their own entries.
  package var ownEntriesOnly: Bool?
  /// The split of expenses that name none: equally, by shares or by percentages; `null` for equally among all members.
  /// Without parts it is among all present members.
  package var defaultSplit: Patch<SplitRule> = .keep

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case name, archived, closedUntil, ownEntriesOnly, defaultSplit
  }

  /// The fields that `null` removes.
  package static var nullable: [CodingKeys] { [.closedUntil, .defaultSplit] }

  package init(
    name: String? = nil, archived: Bool? = nil, closedUntil: Patch<Day> = .keep, ownEntriesOnly: Bool? = nil,
    defaultSplit: Patch<SplitRule> = .keep
  ) {
    self.name = name
    self.archived = archived
    self.closedUntil = closedUntil
    self.ownEntriesOnly = ownEntriesOnly
    self.defaultSplit = defaultSplit
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      self != GroupChange(), "name", "nothing_to_change",
      "Send a new name, archived, closedUntil, ownEntriesOnly or defaultSplit.")
    if let name { checks.text(name, "name", max: 64) }
    if case .set(let rule) = defaultSplit { checks.defaultSplit(rule) }
  }
}
